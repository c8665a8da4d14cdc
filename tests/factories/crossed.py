"""Folders drawn by chance in which what belongs to several persons is entangled.

Every group of persons is drawn as `folders` draws one; the same few workers go to all of them. Then
visit ids are used for two persons, invoice rows name other people's visits, and invoice lines are there
twice.
"""

from random import Random

from tests.factories import folders
from tests.factories.folders import Folder, Row

GROUPS = ("", "a", "B", "é", "\U0001d4b5")
"""What tells the ids of one group from those of another. The last two sort otherwise in UTF-16."""
_IDS = ("person_id", "order_id", "visit_id")


def draw(rng: Random) -> Folder:
    """Draw a folder."""
    folder = folders.draw(rng)
    tables = folder.tables
    for group in rng.sample(GROUPS[1:], rng.randint(1, 4)):
        for name, rows in _group(rng, folder).items():
            tables[name] += [_renamed(row, group) for row in rows]
    for _ in range(rng.choice([0, 1, 3])):
        _share_an_id(rng, tables["visits"])
    for _ in range(rng.choice([0, 1, 4])):
        _name_a_visit(rng, tables["invoices"], tables["visits"])
    for _ in range(rng.choice([0, 0, 2])):
        _repeat_a_line(rng, tables["invoices"])
    for _ in range(rng.choice([0, 0, 1])):
        rng.choice(tables["visits"] or [{}])["person_id"] = ""
    for rows in tables.values():
        rng.shuffle(rows)
    return folder


def _group(rng: Random, folder: Folder) -> dict[str, list[Row]]:
    first, last = folder.first, folder.last
    orders = folders.draw_orders(rng, first)
    planned = folders.draw_rota(rng, orders, first, last)
    visits = folders.draw_visits(rng, orders, planned, first, last)
    return {
        "orders": orders,
        "planned": planned,
        "visits": visits,
        "suspensions": folders.draw_suspensions(rng, orders, first),
        "invoices": folders.draw_invoices(rng, orders, visits, first, last),
    }


def _renamed(row: Row, group: str) -> Row:
    """Return a row of a group's own: ids differ, but for invoice ids, whose line numbers do."""
    row = row | {name: f"{group}{row[name]}" for name in _IDS if row.get(name)}
    if "line_no" in row:
        row["line_no"] = int(row["line_no"]) + 1000 * GROUPS.index(group)
    return row


def _share_an_id(rng: Random, visits: list[Row]) -> None:
    """Give two visits one id, as versions of one or as a mistake."""
    if len(visits) > 1:
        one, other = rng.sample(visits, 2)
        other["visit_id"] = one["visit_id"]
        other["sequence"] = rng.choice(["", 1, 2])
        if rng.random() < 0.2:
            other |= one


def _name_a_visit(rng: Random, invoices: list[Row], visits: list[Row]) -> None:
    """Let an invoice row name any visit."""
    if invoices and visits:
        rng.choice(invoices)["visit_id"] = rng.choice(visits)["visit_id"]


def _repeat_a_line(rng: Random, invoices: list[Row]) -> None:
    """Let an invoice row be the same line as another."""
    if len(invoices) > 1:
        one, other = rng.sample(invoices, 2)
        other |= {name: one[name] for name in ("invoice_id", "line_no")}
