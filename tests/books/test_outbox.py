"""What goes out: once under its key, whole, with control totals, answered; safe against kill -9."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from carethread.audit.queries import verify
from carethread.councils.models import Council
from carethread.interchange.actions_outbox import (
    Answer,
    Message,
    answer_outgoing,
    cancel_outgoing,
    hand_over_file,
    send,
    send_again,
)
from carethread.interchange.answers import hand_over_waiting, read_answers
from carethread.interchange.models import Outgoing
from carethread.kit.unable import UnableTo
from carethread.wall.scope import NoScope, reading, scoped, writing
from tests.books.boundary import NOW, furnished, later
from tests.databases import Books

CONTENT = b"supplier,amount\nS1,1250\n"
BY = "user:1"
TAKEN = Answer(is_taken=True)


def message(key: str = "PAY-1", content: bytes = CONTENT, name: str = "") -> Message:
    return Message("payments", key, name or f"{key}.csv", content, "ledger", 1, 1250)


def sent(council: Council, one: Message) -> Outgoing:
    with scoped(writing(council.pk)):
        return send(message=one, by=BY, at=NOW)


def hand_over(council: Council, folder: Path, key: str = "PAY-1") -> Outgoing:
    return hand_over_file(council=council.pk, key=key, folder=folder, by=BY, at=later(minutes=1))


def test_a_message_goes_out_whole_with_its_totals(books: Books, tmp_path: Path) -> None:
    council = furnished()
    made = sent(council, message())
    assert (made.status, made.attempts) == ("waiting", 0)
    handed = hand_over(council, tmp_path / "out")
    assert (handed.status, handed.attempts, handed.handed_to) == ("handed_over", 1, "folder:out")
    assert (tmp_path / "out" / "PAY-1.csv").read_bytes() == CONTENT
    totals = json.loads((tmp_path / "out" / "PAY-1.csv.totals.json").read_text())
    assert (totals["sha256"], totals["rows"], totals["amount_pence"]) == (made.sha256, 1, 1250)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "PAY-1.csv",
        "PAY-1.csv.totals.json",
    ]
    again = hand_over(council, tmp_path / "out")
    assert (again.attempts, again.handed_at) == (1, later(minutes=1))
    with scoped(reading(council.pk)):
        assert verify().broken == ()


def test_a_key_and_a_name_go_out_once(books: Books) -> None:
    council = furnished()
    made = sent(council, message())
    assert sent(council, message()).pk == made.pk
    with pytest.raises(UnableTo, match="other content"):
        sent(council, message(content=b"other"))
    with pytest.raises(UnableTo, match="went out before"):
        sent(council, message("PAY-2", name="PAY-1.csv"))


def test_a_key_can_stand_in_an_address(books: Books) -> None:
    with pytest.raises(UnableTo, match="is not a key"):
        sent(furnished(), message("a/b", name="x.csv"))


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", ".hidden", "x.totals.json", "..", ""])
def test_a_name_is_a_plain_file_name(books: Books, name: str) -> None:
    one = Message("payments", "PAY-1", name, CONTENT, "ledger", 1)
    with pytest.raises(UnableTo, match="no name for a file"):
        sent(furnished(), one)


def test_another_file_of_the_name_is_not_overwritten(books: Books, tmp_path: Path) -> None:
    council = furnished()
    sent(council, message())
    (tmp_path / "PAY-1.csv").write_bytes(b"somebody else's")
    with pytest.raises(UnableTo, match="is another file"):
        hand_over(council, tmp_path)
    assert (tmp_path / "PAY-1.csv").read_bytes() == b"somebody else's"
    with scoped(reading(council.pk)):
        waiting = Outgoing.objects.get()
        assert (waiting.status, waiting.attempts) == ("waiting", 1)


def test_a_receiver_answers_once(books: Books, tmp_path: Path) -> None:
    council = furnished()
    made = sent(council, message())
    with scoped(writing(council.pk)), pytest.raises(UnableTo, match="it is waiting"):
        answer_outgoing(key="PAY-1", answer=TAKEN, by=BY, at=NOW)
    hand_over(council, tmp_path)
    with scoped(writing(council.pk)):
        with pytest.raises(UnableTo, match="is not what was sent"):
            answer_outgoing(key="PAY-1", answer=Answer(is_taken=True, sha256="0" * 64), by=BY, at=NOW)
        with pytest.raises(UnableTo, match="needs a sentence"):
            answer_outgoing(key="PAY-1", answer=Answer(is_taken=False), by=BY, at=NOW)
        for _ in range(2):
            told = answer_outgoing(
                key="PAY-1", answer=Answer(is_taken=True, sha256=made.sha256), by=BY, at=NOW
            )
            assert told.status == "acknowledged"
        with pytest.raises(UnableTo, match="it is acknowledged"):
            answer_outgoing(
                key="PAY-1", answer=Answer(is_taken=False, code="E1", sentence="No."), by=BY, at=NOW
            )
        with pytest.raises(UnableTo, match="nothing goes out"):
            answer_outgoing(key="PAY-9", answer=TAKEN, by=BY, at=NOW)


def test_what_was_refused_is_sent_again_or_cancelled(books: Books, tmp_path: Path) -> None:
    council = furnished()
    sent(council, message())
    hand_over(council, tmp_path)
    with scoped(writing(council.pk)):
        refused = Answer(is_taken=False, code="E1", sentence="The supplier is closed.")
        assert answer_outgoing(key="PAY-1", answer=refused, by=BY, at=NOW).code == "E1"
        with pytest.raises(UnableTo):
            answer_outgoing(key="PAY-1", answer=TAKEN, by=BY, at=NOW)
        again = send_again(key="PAY-1", why="opened now", by=BY, at=NOW)
        assert (again.status, again.code, again.sentence) == ("waiting", "", "")
    (tmp_path / "PAY-1.csv").unlink()
    hand_over(council, tmp_path)
    assert (tmp_path / "PAY-1.2.csv").read_bytes() == CONTENT
    with scoped(writing(council.pk)):
        with pytest.raises(UnableTo, match="it is handed_over"):
            cancel_outgoing(key="PAY-1", why="twice", by=BY, at=NOW)
        answer_outgoing(key="PAY-1", answer=refused, by=BY, at=NOW)
        assert cancel_outgoing(key="PAY-1", why="twice", by=BY, at=NOW).status == "cancelled"
        with pytest.raises(UnableTo, match="it is cancelled"):
            send_again(key="PAY-1", why="", by=BY, at=NOW)
    with pytest.raises(UnableTo, match="it is cancelled"):
        hand_over(council, tmp_path)


def test_answers_come_back_by_file(books: Books, tmp_path: Path) -> None:
    council = furnished()
    for key in ("PAY-1", "PAY-2"):
        sent(council, message(key))
    assert hand_over_waiting(council=council, path=tmp_path, by=BY, at=NOW) == ["PAY-1", "PAY-2"]
    folder = tmp_path / "answers"
    folder.mkdir()
    heads = "key,outcome,sha256,code,sentence\n"
    (folder / "a.csv").write_text(f"{heads}PAY-1,acknowledged,,,\nPAY-2,refused,,E1,Closed.\n")
    (folder / "b.csv").write_text(f"{heads}PAY-9,acknowledged,,,\nPAY-1,perhaps,,,\n")
    heard = read_answers(council=council, path=tmp_path, by=BY, at=NOW)
    assert [(one.key, bool(one.problem)) for one in heard] == [
        ("PAY-1", False),
        ("PAY-2", False),
        ("PAY-9", True),
        ("PAY-1", True),
    ]
    assert (folder / "done" / "a.csv").exists()
    assert (folder / "b.csv").exists()
    with scoped(reading(council.pk)):
        assert dict(Outgoing.objects.values_list("key", "status")) == {
            "PAY-1": "acknowledged",
            "PAY-2": "refused",
        }


def test_nobody_reads_another_council_s_messages(books: Books) -> None:
    north, south = furnished(), furnished("south")
    sent(north, message())
    with scoped(reading(south.pk)):
        assert Outgoing.objects.count() == 0
    with scoped(writing(south.pk)), pytest.raises(UnableTo, match="nothing goes out"):
        cancel_outgoing(key="PAY-1", why="", by=BY, at=NOW)
    with pytest.raises(NoScope):
        Outgoing.objects.count()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from carethread.councils.models import Council
from carethread.interchange import actions_outbox

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "file":
    actions_outbox.handed_over = die
else:
    actions_outbox.os.fsync = die
council = Council.objects.get()
actions_outbox.hand_over_file(
    council=council.pk, key="PAY-1", folder=Path(sys.argv[1]), by="user:1",
    at=datetime(2026, 5, 4, 9, tzinfo=UTC),
)
"""


@pytest.mark.parametrize("where", ["file", "middle", "taken"])
def test_kill_9_between_file_and_status_hands_over_once(
    own_books: Books, tmp_path: Path, where: str
) -> None:
    council = furnished()
    sent(council, message())
    out = tmp_path / "out"
    out.mkdir()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(out), "middle" if where == "middle" else "file"],
        env=dict(own_books.environment),
        check=False,
        timeout=60,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with scoped(reading(council.pk)):
        assert Outgoing.objects.get().status == "waiting"
    path = out / "PAY-1.csv"
    assert path.exists() == (where != "middle")
    if where == "taken":
        (out / "taken").mkdir()
        path = path.rename(out / "taken" / path.name)
    was = (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None
    handed = hand_over(council, out)
    assert (handed.status, handed.attempts) == ("handed_over", 2)
    assert path.read_bytes() == CONTENT
    assert was in (None, (path.stat().st_ino, path.stat().st_mtime_ns))
    assert (out / "PAY-1.csv").exists() == (where != "taken")
    assert os.listdir(tmp_path / "out").count("PAY-1.csv.totals.json") == 1  # noqa: PTH208
