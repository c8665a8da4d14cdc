"""Findings in columns: what compiled code noted and what readers found, in words, in their order.

Source: settlement §6, `findings.csv`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from carethread.engine import words
from carethread.engine.columns import says
from carethread.engine.columns.arrays import NONE, Bytes, Coded, Ints, Longs, Marks, Pair, Texts
from carethread.engine.columns.book import Visits
from carethread.engine.columns.build import Book
from carethread.engine.columns.clock import DAY, offset_at
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.texts import (
    compare,
    copy_text,
    gather,
    joined,
    width,
    write_number,
    write_wall,
)
from carethread.engine.findings import CATALOGUE
from carethread.engine.records import Finding
from carethread.engine.words import Kind, Severity

_FIELDS = ("", "number", "instant", "day", "visit", "worker", "status")
_NUMBER, _INSTANT, _DAY, _VISIT, _WORKER, _STATUS = range(1, 7)
_INSTANT_BYTES, _DAY_BYTES = 25, 10
_KINDS = list(Kind)
_STATUSES = Texts.of(list(words.Status))
_SEVERITY_OF = np.array([list(Severity).index(CATALOGUE[kind].severity) for kind in _KINDS], np.int32)


def _parts() -> tuple[Texts, Ints]:
    """Return the literal parts of every saying, three each, and the fields between them."""
    literals, fields = [], np.zeros((len(says.SAYINGS), 2), np.int32)
    for place, saying in enumerate(says.SAYINGS):
        pieces = re.split(r"\{(\w+)\}", saying.message)
        literals += [*pieces[::2], "", ""][:3]
        for at, name in enumerate(pieces[1::2]):
            fields[place, at] = _FIELDS.index(name)
    return Texts.of(literals), fields


_LITERALS, _FIELDS_OF = _parts()
_KIND_OF = np.array([_KINDS.index(saying.kind) for saying in says.SAYINGS], np.int8)


@dataclass(frozen=True)
class Found:
    """Findings: kind (its place in Kind), file (its place among names), row, and the texts."""

    kind: Marks
    file: Ints
    row: Ints
    line_id: Texts
    subject: Texts
    message: Texts


@bare
def _write_instant(out: Bytes, at: int, instant: int) -> None:
    offset = offset_at(instant)
    write_wall(out, at, instant + offset)
    out[at + 16], out[at + 17], out[at + 18] = 58, 48, 48
    out[at + 19], out[at + 22] = 43, 58
    out[at + 20], out[at + 21] = 48 + offset // 600, 48 + offset // 60 % 10
    out[at + 23], out[at + 24] = 48 + offset % 60 // 10, 48 + offset % 10


@bare
def _named(
    field: int, note: Ints, visits: Visits, ids: Pair, workers: Pair, statuses: Pair
) -> tuple[Pair, int]:
    """Return the column and the place of the text that a field names."""
    if field == _WORKER:
        return workers, visits.worker[note[says.VISIT]]
    if field == _STATUS:
        return statuses, visits.status[note[says.VISIT]]
    return ids, visits.text[note[says.OTHER]]


@bare
def _length(field: int, note: Ints, visits: Visits, ids: Pair, workers: Pair, statuses: Pair) -> int:
    """Return how many bytes a field of a message takes."""
    if field == 0:
        return 0
    if field == _NUMBER:
        return width(note[says.NUMBER])
    if field == _INSTANT:
        return _INSTANT_BYTES
    if field == _DAY:
        return _DAY_BYTES
    texts, place = _named(field, note, visits, ids, workers, statuses)
    return texts[0][place + 1] - texts[0][place]


@bare
def _write(
    out: Bytes,
    at: int,
    field: int,
    note: Ints,
    visits: Visits,
    ids: Pair,
    workers: Pair,
    statuses: Pair,
) -> int:
    """Write a field of a message; return how many bytes it took."""
    if field == 0:
        return 0
    if field == _NUMBER:
        return write_number(out, at, note[says.NUMBER])
    if field == _INSTANT:
        _write_instant(out, at, note[says.NUMBER])
        return _INSTANT_BYTES
    if field == _DAY:
        write_wall(out, at, np.int64(note[says.NUMBER]) * DAY)  # what follows covers its time of day
        return _DAY_BYTES
    texts, place = _named(field, note, visits, ids, workers, statuses)
    return copy_text(out, at, texts, place)


@compiled
def _messages(
    found: Ints,
    literals: Pair,
    fields_of: Ints,
    visits: Visits,
    ids: Pair,
    workers: Pair,
    statuses: Pair,
) -> tuple[Longs, Bytes]:
    """Write the messages: literal, field, literal, field, literal."""
    ends = np.zeros(len(found) + 1, np.int64)
    for i in range(len(found)):
        saying = found[i, says.SAYING]
        length = literals[0][3 * saying + 3] - literals[0][3 * saying]
        for field in fields_of[saying]:
            length += _length(field, found[i], visits, ids, workers, statuses)
        ends[i + 1] = ends[i] + length
    out = np.empty(ends[-1], np.uint8)
    for i in range(len(found)):
        at, saying = ends[i], found[i, says.SAYING]
        for part in range(2):
            at += copy_text(out, at, literals, 3 * saying + part)
            field = fields_of[saying, part]
            at += _write(out, at, field, found[i], visits, ids, workers, statuses)
        copy_text(out, at, literals, 3 * saying + 2)
    return ends, out


def _pair(texts: Texts) -> Pair:
    return texts.offsets, texts.data


@compiled
def _subjects(found: Ints, ids: Pair, text: Ints, order_ids: Pair, code: Ints) -> tuple[Longs, Bytes]:
    """Return the ids of the visits or orders that findings are about."""
    ends = np.zeros(len(found) + 1, np.int64)
    for writing in (False, True):
        out = np.empty(ends[-1], np.uint8)
        for i in range(len(found)):
            if found[i, says.VISIT] >= 0:
                texts, place = ids, text[found[i, says.VISIT]]
            else:
                texts, place = order_ids, code[found[i, says.ORDER]]
            if writing:
                copy_text(out, ends[i], texts, place)
            else:
                ends[i + 1] = ends[i] + texts[0][place + 1] - texts[0][place]
    return ends, out


def noted(book: Book, found: Ints, line_id: Texts | None, files: Mapping[str, int]) -> Found:
    """Return what compiled code found, in words; `line_id` are the ids of the lines it names.

    files: the place of each table's file name.
    """
    names, visits, orders = book.names, book.visits, book.orders
    visit, order = found[:, says.VISIT], found[:, says.ORDER]
    about_visit = visit >= 0
    subjects = _subjects(found, _pair(names.visits), visits.text, _pair(names.orders), orders.code)
    rows = np.where(
        about_visit,
        book.visit_row[np.maximum(visit, 0)] if len(book.visit_row) else NONE,
        orders.row[np.maximum(order, 0)] if len(orders.row) else NONE,
    )
    ids = Texts(np.zeros(len(found) + 1, np.int64), np.empty(0, np.uint8))
    if line_id is not None:
        ids = gather(line_id, found[:, says.LINE])
    message = _messages(
        np.ascontiguousarray(found),
        _pair(_LITERALS),
        _FIELDS_OF,
        visits,
        _pair(names.visits),
        _pair(names.workers),
        _pair(_STATUSES),
    )
    return Found(
        kind=_KIND_OF[found[:, says.SAYING]],
        file=np.where(about_visit, files["visits"], files["orders"]).astype(np.int32),
        row=rows.astype(np.int32),
        line_id=ids,
        subject=Texts(*subjects),
        message=Texts(*message),
    )


def recorded(findings: Sequence[Finding], files: Mapping[str, int]) -> Found:
    """Return findings that are records; `files` places their files' names, or their tables'."""
    return Found(
        kind=np.array([_KINDS.index(one.kind) for one in findings], np.int8),
        file=np.array([files[one.file] for one in findings], np.int32),
        row=np.array([NONE if one.row is None else one.row for one in findings], np.int32),
        line_id=Texts.of([one.line_id for one in findings]),
        subject=Texts.of([one.subject for one in findings]),
        message=Texts.of([one.message for one in findings]),
    )


@bare
def _compare(
    one: int, other: int, kind: Marks, file: Ints, row: Ints, ids: Pair, subjects: Pair, messages: Pair
) -> int:
    if kind[one] != kind[other]:
        return -1 if kind[one] < kind[other] else 1
    by = compare(subjects[0], subjects[1], one, other)
    if by == 0:
        by = compare(ids[0], ids[1], one, other)
    if by == 0 and file[one] != file[other]:
        by = -1 if file[one] < file[other] else 1
    if by == 0:
        by = compare(messages[0], messages[1], one, other)
    if by == 0 and row[one] != row[other]:
        by = -1 if row[one] < row[other] else 1
    return by


@compiled
def _in_order(kind: Marks, file: Ints, row: Ints, ids: Pair, subjects: Pair, messages: Pair) -> Longs:
    """Return the order of findings: kind, subject, line id, file, message, row; by merging."""
    count = len(kind)
    order, spare = np.arange(count), np.empty(count, np.int64)
    run = 1
    while run < count:
        for begin in range(0, count, 2 * run):
            middle, end = min(begin + run, count), min(begin + 2 * run, count)
            i, j = begin, middle
            for k in range(begin, end):
                if j == end or (
                    i < middle
                    and _compare(order[j], order[i], kind, file, row, ids, subjects, messages) >= 0
                ):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        order, spare = spare, order
        run *= 2
    return order


def finding_columns(parts: Sequence[Found], names: Sequence[str]) -> Mapping[str, Any]:
    """Return the columns of `findings`, in published order; `names` are the files' names, sorted."""
    kind = np.concatenate([part.kind for part in parts])
    file = np.concatenate([part.file for part in parts])
    row = np.concatenate([part.row for part in parts])
    ids = joined(part.line_id for part in parts)
    subjects = joined(part.subject for part in parts)
    messages = joined(part.message for part in parts)
    known = np.where(row == NONE, 0, row)
    order = _in_order(kind, file, known, _pair(ids), _pair(subjects), _pair(messages))
    return {
        "severity": Coded(_SEVERITY_OF[kind[order]], Texts.of(list(Severity))),
        "kind": Coded(kind[order].astype(np.int32), Texts.of(_KINDS)),
        "file": Coded(file[order], Texts.of(names)),
        "row": row[order],
        "line_id": gather(ids, order),
        "subject": gather(subjects, order),
        "message": gather(messages, order),
    }
