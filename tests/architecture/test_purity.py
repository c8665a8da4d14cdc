"""What import-linter cannot see: the engine asks nobody what time it is."""

import ast
from pathlib import Path

import carethread

SOURCE = Path(carethread.__file__).parent
ASKS = {"now", "today", "utcnow", "localtime"}


def test_engine_and_formats_never_ask_the_clock() -> None:
    files = [*SOURCE.glob("engine/**/*.py"), *SOURCE.glob("formats/**/*.py")]
    assert len(files) > 20
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in ASKS, f"{file}:{node.lineno}"


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    written = [file for file in SOURCE.glob("**/*.py") if file.parent.name != "migrations"]
    for file in written:
        assert len(file.read_text().splitlines()) <= 400, file
