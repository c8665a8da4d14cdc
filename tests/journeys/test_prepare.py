"""`carethread prepare`: after it, nothing has to be compiled for a large folder."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from numba.core.dispatcher import Dispatcher
from carethread.batch import bucketed, buckets, local
from carethread.cli import main


def compiled():
    ours = [module for name, module in list(sys.modules.items()) if name.startswith("carethread")]
    every = [one for module in ours for one in vars(module).values()]
    functions = {id(one): one for one in every if isinstance(one, Dispatcher)}
    return {(one.py_func.__qualname__, one.py_func.__module__, str(signature))
            for one in functions.values() for signature in one.signatures}


assert main(["prepare", "--quiet"]) == 0
before = compiled()
assert len(before) > 30, len(before)
folder, council = sys.argv[1], ["--people", "150", "--weeks", "2", "--seed", "3", "--quiet"]
period = ["--from", "2026-05-04", "--to", "2026-05-17", "--quiet"]
for form in ("csv", "parquet"):
    one = f"{folder}/{form}"
    assert main(["synth", one, *council, "--format", form]) == 0
    assert main(["bucket", one, "--out", f"{one}-bucketed", "--buckets", "5", "--quiet"]) == 0
    for name, given in (("whole", one), ("settled", f"{one}-bucketed")):
        settle = ["settle", given, *period, "--out", f"{one}-{name}", "--format", form]
        assert main([*settle, "--engine", "columns"]) == 0
assert compiled() == before, compiled() - before
"""


@pytest.mark.slow
def test_nothing_is_left_to_compile(tmp_path: Path) -> None:
    # in a process of its own: what other tests had compiled would not be missed
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
