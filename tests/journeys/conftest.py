"""Folders and settlements that journeys share; made once per worker."""

from pathlib import Path

import pytest

from carethread.cli import main
from tests.commands import PERIOD


@pytest.fixture(scope="session")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an invented council of 36 people, four weeks."""
    folder = tmp_path_factory.mktemp("council") / "folder"
    assert main(["synth", str(folder), "--people", "36", "--seed", "5", "--quiet"]) == 0
    return folder


@pytest.fixture(scope="session")
def bucketed_council(council: Path) -> Path:
    """Return that council's folder, split into six buckets."""
    out = council.parent / "bucketed"
    assert main(["bucket", str(council), "--out", str(out), "--buckets", "6", "--quiet"]) == 0
    return out


@pytest.fixture(scope="session")
def settled_council(council: Path) -> Path:
    """Return the settlement of that council."""
    out = council.parent / "settled"
    assert main(["settle", str(council), *PERIOD, "--out", str(out), "--quiet"]) == 0
    return out
