"""What tests of files share."""

from pathlib import Path

import pytest

from tests.formats.breaking import good


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a good folder that a test may break."""
    return good(tmp_path / "folder")
