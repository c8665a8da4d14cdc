"""An installation's folder: named from wherever one stands, private, its secrets made once."""

import stat
from pathlib import Path

import pytest

from carethread.config.home import Home, home


def test_a_folder_named_from_here_is_the_same_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARETHREAD_HOME", "kept")
    assert home().folder == tmp_path / "kept"
    monkeypatch.delenv("CARETHREAD_DATABASE_URL", raising=False)
    assert home().database_url == f"sqlite:///{tmp_path}/kept/books.sqlite3"


def test_secrets_are_made_once_and_are_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARETHREAD_MASTER_KEY", raising=False)
    here = Home(tmp_path / "kept")
    key = here.secret("master_key")
    assert len(key) > 40
    assert here.secret("master_key") == key
    assert stat.S_IMODE((here.folder / "master_key.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE(here.files.stat().st_mode) == 0o700
    assert stat.S_IMODE(here.folder.stat().st_mode) == 0o700
    monkeypatch.setenv("CARETHREAD_MASTER_KEY", "told")
    assert here.secret("master_key") == "told"
