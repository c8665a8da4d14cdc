"""Writes: what goes out. It is kept whole before it is handed over, and goes out once under its key.

A file is written beside its place, flushed and moved there; then the status is saved. After a crash
between the two the same bytes are found under the same name, and only the status is saved.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from carethread.audit.actions import record
from carethread.councils.actions import hold_books
from carethread.formats.packages import fields
from carethread.interchange.models import Outgoing
from carethread.interchange.states import OUTGOING, OutgoingStatus
from carethread.kit.states import CannotBecome
from carethread.kit.unable import UnableTo
from carethread.wall.scope import current, scoped, writing


@dataclass(frozen=True, slots=True)
class Message:
    """What is to go out; `Outgoing` tells what each is."""

    kind: str
    key: str
    name: str
    content: bytes
    system: str
    row_count: int
    amount_pence: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver says of a message. sha256: of what it received; empty where it does not say."""

    is_taken: bool
    code: str = ""
    sentence: str = ""
    sha256: str = ""


def send(*, message: Message, by: str, at: datetime) -> Outgoing:
    """Put something where it waits to go out. The same under the same key again changes nothing.

    Raises:
        UnableTo: if the key or the name stands for something else, or the name is no plain file name.
    """
    hold_books()
    council = current().writes
    _check_name(message.name)
    _check_key(message.key)
    digest = sha256(message.content).hexdigest()
    there: Outgoing | None = Outgoing.objects.filter(key=message.key).first()
    if there is not None:
        if (there.sha256, there.name, there.kind) == (digest, message.name, message.kind):
            return there
        text = f"{message.key!r} went out with other content; send this under a key of its own"
        raise UnableTo(text)
    if Outgoing.objects.filter(name=message.name).exists():
        text = f"a file {message.name} went out before; give this one a name of its own"
        raise UnableTo(text)
    made: Outgoing = Outgoing.objects.create(
        council_id=council,
        kind=message.kind,
        key=message.key,
        name=message.name,
        content=message.content,
        sha256=digest,
        system=message.system,
        row_count=message.row_count,
        amount_pence=message.amount_pence,
        created_at=at,
        created_by=by,
    )
    after = {"sha256": digest, "rows": message.row_count, "amount_pence": message.amount_pence}
    record(
        by=by, at=at, action="outgoing.sent", subject=f"outgoing:{made.key}", after=after, chained=True
    )
    return made


def _check_name(name: str) -> None:
    is_plain = name != "" and name == Path(name).name and not name.startswith(".") and "\0" not in name
    if not is_plain or name.endswith((_TOTALS, _ANSWER)):
        message = f"{name!r} is no name for a file that goes out"
        raise UnableTo(message)


def _check_key(key: str) -> None:
    try:
        fields.key(key)
    except ValueError as error:
        raise UnableTo(str(error)) from None


_TOTALS, _ANSWER = ".totals.json", ".answer.csv"


def hand_over_file(*, council: int, key: str, folder: Path, by: str, at: datetime) -> Outgoing:
    """Put a waiting message into a folder, its control totals beside it.

    Raises:
        UnableTo: if another file has its name there, or it cannot be written; it goes on waiting.
    """
    with scoped(writing(council)):
        hold_books()
        outgoing = _locked(key)
        if outgoing.status in _HAD:
            return outgoing
        _move(outgoing, "handed over")
        outgoing.attempts += 1
        outgoing.save(update_fields=["attempts"])
    with scoped(writing(council)):
        outgoing = _locked(key)
        if outgoing.status == OutgoingStatus.WAITING:
            _place(folder / f"{outgoing.file_name}{_TOTALS}", totals_of(outgoing))
            _place(folder / outgoing.file_name, bytes(outgoing.content))
        return handed_over(key=key, to=f"folder:{folder.name}", by=by, at=at)


def _place(path: Path, content: bytes) -> None:
    """Let a file appear whole; one with the same bytes is the same file.

    Raises:
        UnableTo: if there is another, or the folder cannot be written.
    """
    try:
        if any(_holds(one, content) for one in (path, path.parent / TAKEN / path.name)):
            return
        if path.exists():
            message = f"{path} is there already and is another file; move it away"
            raise UnableTo(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}; it goes on waiting"
        raise UnableTo(message) from None


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


TAKEN = "taken"
"""The folder inside to which a receiver moves what it has taken."""


def totals_of(outgoing: Outgoing) -> bytes:
    """Return the control totals that travel with a message, as JSON."""
    told = {
        "key": outgoing.key,
        "name": outgoing.file_name,
        "kind": outgoing.kind,
        "sha256": outgoing.sha256,
        "bytes": len(bytes(outgoing.content)),
        "rows": outgoing.row_count,
        "amount_pence": outgoing.amount_pence,
    }
    return json.dumps(told, indent=1).encode() + b"\n"


def handed_over(*, key: str, to: str, by: str, at: datetime) -> Outgoing:
    """Note that somebody has a message now; one that was handed over already stays as it is.

    Raises:
        UnableTo: if it was cancelled.
    """
    outgoing = _locked(key)
    if outgoing.status in _HAD:
        return outgoing
    _move(outgoing, "handed over")
    outgoing.handed_at, outgoing.handed_to = at, to
    outgoing.attempts = max(outgoing.attempts, 1)
    outgoing.save()
    _record("outgoing.handed_over", outgoing, by, at, {"to": to})
    return outgoing


_HAD = (OutgoingStatus.HANDED_OVER, OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.REFUSED)


def answer_outgoing(*, key: str, answer: Answer, by: str, at: datetime) -> Outgoing:
    """Note what the receiver says. The same answer again changes nothing.

    Raises:
        UnableTo: if it is not handed over, was answered otherwise, or did not arrive as it was sent.
    """
    outgoing = _locked(key)
    status = OutgoingStatus.ACKNOWLEDGED if answer.is_taken else OutgoingStatus.REFUSED
    if answer.sha256 and answer.sha256.lower() != outgoing.sha256:
        message = f"what you have of {key} is not what was sent: its SHA-256 is {outgoing.sha256}"
        raise UnableTo(message)
    if not answer.is_taken and not answer.sentence.strip():
        message = "a message that is refused needs a sentence that says why"
        raise UnableTo(message)
    if outgoing.status == status:
        return outgoing
    _move(outgoing, status.value)
    outgoing.answered_at, outgoing.answered_by = at, by
    outgoing.code, outgoing.sentence = answer.code, answer.sentence
    outgoing.save()
    _record(f"outgoing.{status}", outgoing, by, at, {"code": answer.code, "why": answer.sentence})
    return outgoing


def cancel_outgoing(*, key: str, why: str, by: str, at: datetime) -> Outgoing:
    """Let something not go out after all.

    Raises:
        UnableTo: if the receiver has it and did not refuse it.
    """
    outgoing = _locked(key)
    _move(outgoing, "cancelled")
    outgoing.save()
    _record("outgoing.cancelled", outgoing, by, at, {"why": why})
    return outgoing


def send_again(*, key: str, why: str, by: str, at: datetime) -> Outgoing:
    """Let something that was refused wait to be handed over again, as it is.

    Raises:
        UnableTo: if it was not refused.
    """
    outgoing = _locked(key)
    _move(outgoing, "sent again")
    outgoing.answered_at, outgoing.answered_by = None, ""
    outgoing.code = outgoing.sentence = ""
    outgoing.sendings += 1
    outgoing.save()
    _record("outgoing.sent_again", outgoing, by, at, {"why": why})
    return outgoing


def _locked(key: str) -> Outgoing:
    hold_books()
    found: Outgoing | None = Outgoing.objects.filter(key=key).first()
    if found is None:
        message = f"nothing goes out under {key!r}"
        raise UnableTo(message)
    return found


def _move(outgoing: Outgoing, deed: str) -> None:
    try:
        outgoing.status = OUTGOING.after(OutgoingStatus(outgoing.status), deed).value
    except CannotBecome as error:
        message = f"{outgoing.key}: {error}"
        raise UnableTo(message) from None


def _record(action: str, outgoing: Outgoing, by: str, at: datetime, after: dict[str, str]) -> None:
    record(by=by, at=at, action=action, subject=f"outgoing:{outgoing.key}", after=after, chained=True)
