"""The doctor finds what is wrong, says what to do, and says nothing where nothing is."""

import re
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from carethread.accounts.actions import open_council
from carethread.config.doctor import Verdict, examine
from tests.books.one_of_each import NOW
from tests.books.tampering import tamper
from tests.books.test_audit import a_chain, carethread
from tests.databases import Books, point_at

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "self-host.md"
HOSTS = ["care.north.example"]


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", HOSTS)
    monkeypatch.setattr(settings, "SECRET_KEY", "s" * 40)
    monkeypatch.setattr(settings, "MASTER_KEY", "m" * 40)


def bad(*, deploy: bool = True) -> dict[str, str]:
    settings.FILES.chmod(0o700)
    found = examine(datetime.now(UTC), deploy=deploy)
    return {one.about: one.says for one in found if one.verdict is Verdict.BAD}


def test_a_sound_installation_is_found_sound(own_books: Books) -> None:
    a_chain()
    assert bad() == {}


def test_several_councils_need_postgresql(own_books: Books) -> None:
    for code in ("north", "south"):
        open_council(code=code, name=code, by="console:test", at=NOW)
    assert set(bad()) == ({"councils"} if own_books.vendor == "sqlite" else set())
    assert bad(deploy=False) == {}


WRONG = {
    "policies": "ALTER POLICY wall_select ON people_person USING (true)",
    "row-level security": "ALTER TABLE people_person NO FORCE ROW LEVEL SECURITY",
    "triggers": "ALTER TABLE audit_entry DISABLE TRIGGER append_only_rows",
    "rights": "GRANT DELETE ON audit_entry TO PUBLIC",
    "functions": "CREATE OR REPLACE FUNCTION carethread_is_staff() RETURNS boolean STABLE PARALLEL SAFE"
    " LANGUAGE sql RETURN true",
    "constraints": "ALTER TABLE people_person DROP CONSTRAINT person_has_ref",
}


@pytest.mark.parametrize("part", WRONG)
def test_a_wall_that_was_changed_is_found(own_books: Books, part: str) -> None:
    if own_books.vendor == "postgresql":
        tamper(own_books, WRONG[part])
        assert part in bad()["wall"]
    else:
        tamper(own_books)  # drops the triggers
        assert "trigger audit_entry_no_delete" in bad()["wall"]


def test_a_wall_that_is_down_is_found(own_books: Books) -> None:
    a_chain()
    if own_books.vendor == "postgresql":
        tamper(own_books, "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY")
        assert "audit_entry" in bad()["scope"]


def test_broken_chains_wrong_keys_and_settings_are_found(
    own_books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_chain()
    tamper(own_books, "DELETE FROM audit_entry WHERE place = 4")
    monkeypatch.setattr(settings, "MASTER_KEY", "short")
    monkeypatch.setattr(settings, "DEBUG", True)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    assert {"chain", "master key", "MASTER_KEY", "DEBUG", "hosts"} <= set(bad())


def test_the_owner_is_not_for_the_application(own_books: Books) -> None:
    point_at(own_books, as_owner=True)
    if own_books.vendor == "postgresql":
        assert "owns tables" in bad()["role"]


def test_the_command(own_books: Books) -> None:
    connection.close()
    settings.FILES.chmod(0o755)
    done = carethread(own_books, "doctor")
    assert (done.returncode, "chmod 700" in done.stdout) == (1, True), done.stdout
    settings.FILES.chmod(0o700)
    assert carethread(own_books, "doctor").returncode == 0
    assert carethread(own_books, "doctor", "--deploy").returncode == 1  # for localhost alone


def test_the_guides_own_sql_makes_a_sound_installation(own_books: Books, tmp_path: Path) -> None:
    """Run exactly what the guide shows, under names of this test's own."""
    if own_books.vendor == "sqlite":
        return
    (text,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    name = "carethread_guide_" + tmp_path.parent.name.rsplit("-", 1)[-1].replace("/", "_")
    roles = [f"{name}_{role}" for role in ("owner", "app", "backup")]
    text = re.sub(
        r"\bcarethread\b", name, re.sub(r"\bcarethread_(owner|app|backup)\b", rf"{name}_\1", text)
    )
    base = re.sub(r"//[^@]*@", "//{}@", own_books.super_url).rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(own_books.super_url, autocommit=True) as plain:
        try:
            for statement in filter(str.strip, text.split(";")):
                plain.execute(statement.encode())
            urls = {role: base.format(f"{name}_{role}") for role in ("owner", "app")}
            made = Books("postgresql", urls["app"], urls["owner"], base, own_books.home)
            assert carethread(made, "migrate").returncode == 0
            settings.FILES.chmod(0o700)
            done = carethread(made, "doctor")
            assert done.returncode == 0, done.stdout + done.stderr
        finally:
            plain.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            for role in roles:
                plain.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())
