"""Who may see and write whose rows, for the length of one transaction.

No query of a walled model runs without a scope: the managers refuse it, and PostgreSQL shows nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from django.db import connection, transaction


class NoScope(Exception):
    """A defect: a walled model was used where nobody had said for which councils."""


class OutsideTheWall(Exception):
    """A defect, or an attempt: a row of a council that the scope does not hold was to be written."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The councils whose rows may be read, and the one whose rows may be written.

    A shared team reads several councils; nobody writes to more than one at a time. `providers` is None
    for the councils' own people; for a provider's it holds the keys of that provider in each council,
    and then only rows that belong to those providers are there.
    """

    reads: frozenset[int]
    writes: int | None = None
    providers: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.writes is not None and self.writes not in self.reads:
            message = f"council {self.writes} is to be written but may not be read"
            raise OutsideTheWall(message)

    def holds(self, other: "Scope") -> bool:
        """Say whether the other scope sees and writes no more than this one."""
        return self.shows(other) and (other.writes is None or other.writes == self.writes)

    def shows(self, other: "Scope") -> bool:
        """Say whether the other scope sees no more than this one."""
        return other.reads <= self.reads and (
            self.providers is None
            or (other.providers is not None and other.providers <= self.providers)
        )


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
_NOTHING = Scope(frozenset())


def reading(*councils: int) -> Scope:
    """Return a scope that reads some councils and writes none."""
    return Scope(frozenset(councils))


def writing(council: int) -> Scope:
    """Return a scope that reads and writes one council."""
    return Scope(frozenset({council}), council)


def current() -> Scope:
    """Return the scope in force.

    Raises:
        NoScope: if there is none.
    """
    scope = _scope.get()
    if scope is None:
        message = "a model behind the wall was used outside `with scoped(...)`"
        raise NoScope(message)
    return scope


def is_scoped() -> bool:
    """Say whether a scope is in force."""
    return _scope.get() is not None


@contextmanager
def scoped(scope: Scope, *, snapshot: bool = False) -> Iterator[Scope]:
    """Give a scope to what runs inside, in one transaction that ends with it.

    Inside another scope it may only be narrower, and is a savepoint. Give each piece of a streamed
    answer a scope of its own.

    Args:
        scope: Who may see and write what.
        snapshot: All that is read inside is as it stood at one instant, whoever writes meanwhile. A
            transaction that is open already keeps its own ways.

    Raises:
        OutsideTheWall: if it is wider than the one around it.
    """
    outer = _scope.get()
    if outer is not None and not outer.holds(scope):
        message = "a scope cannot be wider than the one around it"
        raise OutsideTheWall(message)
    with _within(scope, outer, snapshot=snapshot):
        yield scope


@contextmanager
def for_the_council() -> Iterator[Scope]:
    """Let a provider's deed leave its traces in the council's own books: the audit, the clock.

    The one place where a scope is wider than the one around it: the same council is written, as its
    own people would. Only actions that write such traces, and show nothing of them, may use it
    (`tests/books/test_every_model.py` lists them).

    Raises:
        OutsideTheWall: where no council is being written.
    """
    outer = current()
    if outer.writes is None:
        message = "only a scope that writes can leave traces of what was done"
        raise OutsideTheWall(message)
    if outer.providers is None:
        yield outer
        return
    with _within(writing(outer.writes), outer) as scope:
        yield scope


@contextmanager
def _within(scope: Scope, outer: Scope | None, *, snapshot: bool = False) -> Iterator[Scope]:
    is_first = not connection.in_atomic_block
    if is_first:
        _begin_as(scope)
    with transaction.atomic():
        _begin_as(None)
        if snapshot and is_first:
            _hold_still()
        _tell_database(scope)
        token = _scope.set(scope)
        try:
            yield scope
        finally:
            _scope.reset(token)
        _tell_database(outer or _NOTHING)  # the transaction around this one may go on


def _begin_as(scope: Scope | None) -> None:
    """Let SQLite take its one lock for writing at once, so that a writer never fails half-way.

    What begins in no scope takes it when it first writes, as SQLite does by itself.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        is_writer = scope is not None and scope.writes is not None
        connection.transaction_mode = "IMMEDIATE" if is_writer else None  # type: ignore[attr-defined]


def _hold_still() -> None:
    """Let the transaction that begins see one state of the books; SQLite's always do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _tell_database(scope: Scope) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('carethread.reads', %s, true),"
            " set_config('carethread.writes', %s, true),"
            " set_config('carethread.providers', %s, true)",
            settings_of(scope),
        )


def settings_of(scope: Scope) -> tuple[str, str, str]:
    """Return what PostgreSQL is told of a scope: keys with commas, `-` for a provider without any."""
    providers = "" if scope.providers is None else _keys(scope.providers) or "-"
    return _keys(scope.reads), "" if scope.writes is None else str(scope.writes), providers


def _keys(keys: Collection[int]) -> str:
    return ",".join(map(str, sorted(keys)))


on_commit = partial(transaction.on_commit, robust=False)
