"""Books to test with."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import databases
from tests.databases import Books
from tests.postgresql import server


class Shelf:
    """This worker's empty books, one of each kind, made when first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._books: dict[str, Books] = {}
        self._server = ""
        self._open = ""

    @property
    def server(self) -> str:
        if not self._server:
            self._server = self._stack.enter_context(server())
        return self._server

    def empty(self, vendor: str) -> Books:
        if vendor not in self._books:
            folder = self._folder / vendor
            folder.mkdir()
            if vendor == "sqlite":
                self._books[vendor] = databases.empty_sqlite(folder)
            else:
                self._books[vendor] = databases.empty_postgresql(self.server, folder)
                self._stack.callback(databases.drop, self.server, self._books[vendor])
            self._open = ""
        return self._books[vendor]

    def opened(self, vendor: str) -> Books:
        """Point Django at the empty books, unless it is there already."""
        books = self.empty(vendor)
        if self._open != vendor:
            databases.point_at(books)
            self._open = vendor
        return books

    def copy(self, vendor: str, folder: Path, stack: ExitStack) -> Books:
        empty = self.empty(vendor)
        self._open = ""
        address = self.server if vendor == "postgresql" else ""
        return stack.enter_context(databases.copied(address, empty, folder))


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with ExitStack() as stack:
        yield Shelf(tmp_path_factory.mktemp("shelf"), stack)


@pytest.fixture(params=databases.VENDORS)
def books(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[Books]:
    """Empty books; what is written is undone after the test."""
    opened = shelf.opened(request.param)
    with databases.rolled_back():
        yield opened


@pytest.fixture(params=databases.VENDORS)
def own_books(request: pytest.FixtureRequest, shelf: Shelf, tmp_path: Path) -> Iterator[Books]:
    """Empty books that are this test's own: for what is committed, threads, other processes."""
    with ExitStack() as stack:
        folder = tmp_path / "home"
        folder.mkdir()
        yield shelf.copy(request.param, folder, stack)
