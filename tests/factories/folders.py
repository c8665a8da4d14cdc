"""Settlement folders drawn by chance, small and crowded: every term in play, everything collides.

The people, providers and workers are invented.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

Row = dict[str, Any]

PERIODS = (
    (date(2026, 5, 11), date(2026, 5, 17)),
    (date(2026, 5, 20), date(2026, 6, 4)),  # a bank holiday, a month's end
    (date(2026, 3, 27), date(2026, 3, 31)),  # clocks go forward
    (date(2026, 10, 19), date(2026, 11, 1)),  # clocks go back
)
PERSONS, PROVIDERS, SERVICES, WORKERS = ("P1", "P2"), ("A", "B"), ("PC", "SIT"), ("W1", "W2", "W3")


@dataclass
class Folder:
    """A settlement folder in memory: rows by table, the text of contracts.toml, the period."""

    first: date
    last: date
    contracts: str
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the folder as CSV."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "contracts.toml").write_text(self.contracts)
        for name, rows in self.tables.items():
            write_rows(folder / f"{name}.csv", COLUMNS[name], rows)
        return folder


def write_rows(path: Path, columns: tuple[str, ...], rows: list[Row]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


COLUMNS = {
    "orders": (
        *("order_id", "person_id", "provider_id", "contract_id", "service", "starts_on", "ends_on"),
        *("basis", "days", "start_time", "minutes", "carers", "time_critical", "weekly_minutes"),
    ),
    "planned": ("order_id", "planned_start"),
    "suspensions": (
        *("person_id", "order_id", "from_on", "from_time", "to_on", "to_time", "reason"),
        "told_at",
    ),
    "rates": (
        *("contract_id", "service", "from_on", "day_type", "band_from", "band_to", "slot"),
        *("minutes", "amount_pence", "priority"),
    ),
    "visits": (
        *("visit_id", "sequence", "person_id", "provider_id", "worker_id", "service", "status"),
        *("check_in", "check_out", "planned_start", "cancelled_by", "notified_at", "in_method"),
        *("out_method", "reason_code"),
    ),
    "invoices": (
        *("invoice_id", "line_no", "provider_id", "person_id", "service", "from_on", "to_on"),
        *("minutes", "amount_pence", "order_id", "visit_id", "billed_at"),
    ),
}


def draw(rng: Random) -> Folder:
    """Draw a folder."""
    first, last = rng.choice(PERIODS)
    if rng.random() < 0.3:
        first += timedelta(days=rng.randint(0, 3))
    folder = Folder(first, last, contracts(rng, first))
    orders = draw_orders(rng, first)
    planned = draw_rota(rng, orders, first, last)
    visits = draw_visits(rng, orders, planned, first, last)
    folder.tables = {
        "orders": orders,
        "planned": planned,
        "suspensions": draw_suspensions(rng, orders, first),
        "rates": draw_rates(rng, first),
        "visits": visits,
        "invoices": draw_invoices(rng, orders, visits, first, last),
    }
    for rows in folder.tables.values():
        rng.shuffle(rows)
    return folder


def contracts(rng: Random, first: date) -> str:
    """Draw contracts.toml: C1 with terms, sometimes changing; C2 sometimes late or missing."""
    lines = ["[match]", f"window_minutes = {rng.choice([20, 45, 60, 90, 120])}"]
    lines += [f"join_gap_minutes = {rng.choice([0, 5, 10])}"]
    lines += [f"time_critical_minutes = {rng.choice([10, 30])}", "[holidays]"]
    lines += rng.choice([[], [f"extra = [{first + timedelta(days=2)}]"], ["none = true"]])
    if rng.random() < 0.5:
        lines += ["[invoice]", f"over_pence_per_line = {rng.choice([0, 1, 50])}"]
        lines += [f"over_percent = {rng.choice([0, 0.5, 10])}"]
        lines += [f"under_pence_per_line = {rng.choice([0, 1, 50])}"]
        lines += [f"under_percent = {rng.choice([0, 2.5])}"]
    lines += ["[[contract]]", 'id = "C1"', *terms(rng, date(2026, 1, 1))]
    if rng.random() < 0.4:
        lines += terms(rng, first + timedelta(days=rng.randint(1, 5)))
    if rng.random() < 0.8:
        lines += ["[[contract]]", 'id = "C2"']
        if rng.random() < 0.9:
            lines += terms(rng, first + timedelta(days=rng.choice([-20, -20, -20, 2])))
    return "\n".join(lines) + "\n"


def terms(rng: Random, from_on: date) -> list[str]:
    """Draw one terms table."""
    lines = ["[[contract.terms]]", f"from = {from_on}"]
    choices: dict[str, list[Any]] = {
        "pay_basis": ['"actual"', '"planned"', '"planned_within_tolerance"'],
        "tolerance_minutes": [0, 5, 10],
        "minimum_minutes": [0, 0, 5, 15],
        "round_to_minutes": [1, 1, 5, 15],
        "round": ['"nearest"', '"up"', '"down"'],
        "bands": ["[]", "[]", "[[15, 15], [34, 30], [60, 60]]", "[[10, 0], [45, 30]]"],
        "cap": ['"planned"', '"planned"', '"none"'],
        "cap_over_minutes": [0, 0, 5],
        "pool": ['"none"', '"week"', '"month"'],
        "double_up": ['"each"', '"overlap"'],
        "missed_percent": [0, 0, 25],
        "frustrated_percent": [100, 50, 0],
        "cancelled": ["[[24, 100]]", "[]", "[[48, 12.5], [4, 100], [24, 50]]", "[[0, 75]]"],
        "suspended_percent": [0, 100, 40],
        "retainer_days": [0, 2, 14],
        "unplanned": ['"hold"', '"pay"', '"zero"'],
        "manual": ['"pay"', '"hold"'],
        "hold_on": [
            "[]",
            '["same_worker", "worker_overlap"]',
            '["same_worker", "worker_overlap", "short_team", "late_time_critical"]',
        ],
        "band_rule": ['"start"', '"start"', '"split"'],
    }
    for key, values in choices.items():
        if rng.random() < 0.6:
            lines.append(f"{key} = {rng.choice(values)}")
    return lines


def draw_orders(rng: Random, first: date) -> list[Row]:
    """Draw orders: mostly visits close together in the day, some of weekly hours, some versions."""
    rows = []
    for number in range(rng.randint(1, 5)):
        weekly = rng.random() < 0.3
        order: Row = {
            "order_id": f"O{number}",
            "person_id": rng.choice(PERSONS),
            "provider_id": rng.choice(("A", "A", "A", "B")),
            "contract_id": rng.choice(("C1", "C1", "C1", "C2")),
            "service": rng.choice(("PC", "PC", "SIT")),
            "basis": "weekly_hours" if weekly else "visits",
        }
        starts = first + timedelta(days=rng.choice([-30, -30, -3, 1]))
        length = rng.choice([None, None, 3, 12, 45])
        ends = None if length is None else starts + timedelta(days=length)
        rows.append(order | care(rng, weekly=weekly) | dates(starts, ends))
        if ends is not None and rng.random() < 0.6:
            again = ends + timedelta(days=rng.choice([1, 2]))
            rows.append(order | care(rng, weekly=weekly) | dates(again, None))
    return rows


def dates(starts: date, ends: date | None) -> Row:
    return {"starts_on": starts, "ends_on": ends or ""}


def care(rng: Random, *, weekly: bool) -> Row:
    """Draw what an order buys."""
    if weekly:
        return {"weekly_minutes": rng.choice([30, 60, 100, 300])}
    hour = rng.choice([0, 1, 7, 8, 8, 9, 23])
    return {
        "days": "".join(rng.choice("1110") for _ in range(7)),
        "start_time": f"{hour:02d}:{rng.choice([0, 0, 15, 30, 45, 50]):02d}",
        "minutes": rng.choice([15, 30, 30, 45, 60]),
        "carers": rng.choice([1, 1, 2]),
        "time_critical": rng.choice(["true", "false"]),
    }


def days_of(order: Row, first: date, last: date) -> list[date]:
    """Return the days from a week before to a week after on which an order has a visit."""
    if order["basis"] != "visits":
        return []
    found = []
    day = first - timedelta(days=8)
    while day <= last + timedelta(days=8):
        ended = order["ends_on"] and day > order["ends_on"]
        if day >= order["starts_on"] and not ended and order["days"][day.weekday()] == "1":
            found.append(day)
        day += timedelta(days=1)
    return found


def draw_rota(rng: Random, orders: list[Row], first: date, last: date) -> list[Row]:
    """Draw rota rows: moves, sometimes on a day without a visit, for a wrong order, or twice."""
    rows = []
    for order in orders:
        for day in days_of(order, first, last):
            if rng.random() < 0.15:
                shift = timedelta(minutes=rng.choice([-40, -15, 10, 30, 60]))
                moved = wall(day, order["start_time"]) + shift
                if moved.date() == day:
                    row = {"order_id": order["order_id"], "planned_start": stamp(moved)}
                    rows += [row] * (2 if rng.random() < 0.1 else 1)
    if rng.random() < 0.3:
        order_id = rng.choice([orders[0]["order_id"], "NONE"])
        rows.append({"order_id": order_id, "planned_start": f"{first}T12:00"})
    return rows


def wall(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}")


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def draw_visits(
    rng: Random, orders: list[Row], planned: list[Row], first: date, last: date
) -> list[Row]:
    """Draw what was recorded: for most planned visits something, and things nobody planned."""
    rows: list[Row] = []
    moved = {(row["order_id"], row["planned_start"][:10]): row["planned_start"] for row in planned}
    keep = rng.choice([0.25, 0.6, 1.0])
    for order in orders:
        for day in days_of(order, first, last):
            agreed = wall(day, order["start_time"])
            start = moved.get((order["order_id"], str(day)))
            for _ in range(order["carers"] if rng.random() < keep else 0):
                where = datetime.fromisoformat(start) if start else agreed
                rows += attend(rng, order, where, agreed, len(rows))
    for _ in range(rng.randint(0, 10)):
        order = rng.choice(orders)
        day = first + timedelta(days=rng.randint(-9, (last - first).days + 9))
        at = wall(day, f"{rng.choice([0, 1, 2, 7, 8, 9, 10, 23]):02d}:{rng.randint(0, 59):02d}")
        rows += attend(rng, order, at, at, len(rows), loose=True)
    return rows


def attend(
    rng: Random, order: Row, start: datetime, agreed: datetime, number: int, *, loose: bool = False
) -> list[Row]:
    """Draw the rows of one slot."""
    row: Row = {
        "visit_id": f"V{number:03d}",
        "person_id": order["person_id"],
        "provider_id": order["provider_id"],
        "worker_id": rng.choice(WORKERS),
        "service": order["service"],
    }
    if loose and rng.random() < 0.3:
        row["person_id"] = rng.choice((*PERSONS, "P9"))
        row["service"] = rng.choice(SERVICES)
    chance = rng.random()
    if chance < 0.08:
        return []
    if chance < 0.2:
        return [row | cancelled(rng, start, agreed)]
    if chance < 0.28:
        return [row | frustrated(rng, start, agreed)]
    return versions(rng, delivered(rng, row, order, start, agreed))


def named(rng: Random, start: datetime, agreed: datetime) -> str:
    """Draw the name of a planned visit: as moved, as agreed, or wrong."""
    wrong = start + timedelta(minutes=rng.choice([5, 60, 1440]))
    return stamp(rng.choice([start, start, start, agreed, agreed, wrong]))


def cancelled(rng: Random, start: datetime, agreed: datetime) -> Row:
    notice = timedelta(minutes=rng.choice([-30, 0, 239, 240, 241, 1440, 1441, 2880, 5000]))
    return {
        "status": "cancelled",
        "worker_id": "",
        "planned_start": named(rng, start, agreed),
        "cancelled_by": rng.choice(["person", "person", "council", "provider", ""]),
        "notified_at": rng.choice([stamp(agreed - notice), stamp(agreed - notice), ""]),
    }


def frustrated(rng: Random, start: datetime, agreed: datetime) -> Row:
    came = start + timedelta(minutes=rng.choice([-10, 0, 5, 60, 200]))
    return {
        "status": "frustrated",
        "planned_start": named(rng, start, agreed),
        "check_in": rng.choice([stamp(came), stamp(came), ""]),
    }


def delivered(rng: Random, row: Row, order: Row, start: datetime, agreed: datetime) -> list[Row]:
    """Draw a delivered visit, sometimes in two log-ins, with a missing or impossible clock."""
    minutes = int(order.get("minutes") or 45)
    late = rng.choice([0, 0, 1, 4, -6, 12, -15, 25, 31, -45, 50, 90])
    length = rng.choice([minutes, minutes, minutes - 3, minutes + 6, 2 * minutes, 7, 16, 0])
    begin = start + timedelta(minutes=late, seconds=rng.choice([0, 0, 20, 59]))
    end = begin + timedelta(minutes=length, seconds=rng.choice([0, 0, 50]))
    row = row | {"check_in": clock(rng, begin), "check_out": clock(rng, end)}
    if rng.random() < 0.25:
        row["planned_start"] = named(rng, start, agreed)
    if rng.random() < 0.2:
        row |= {"in_method": rng.choice(["app", "manual"]), "out_method": "manual"}
        row["reason_code"] = rng.choice(["", "R1"])
    chance = rng.random()
    if chance < 0.05:
        row[rng.choice(["check_in", "check_out", "check_out"])] = ""
    elif chance < 0.07:
        row["check_out"] = clock(rng, begin - timedelta(minutes=5))
    elif chance < 0.08:
        row["check_out"] = clock(rng, begin + timedelta(minutes=1441))
    elif chance < 0.25 and length > 0:
        return two_log_ins(rng, row, begin, end, start, agreed)
    return [row]


def two_log_ins(
    rng: Random, row: Row, begin: datetime, end: datetime, start: datetime, agreed: datetime
) -> list[Row]:
    """Split a visit in two log-ins, or give it a second one that overlaps."""
    middle = begin + (end - begin) / 2
    gap = timedelta(minutes=rng.choice([-12, -5, -1, 0, 2, 5, 10, 11]))
    second = row | {
        "visit_id": row["visit_id"] + "b",
        "check_in": clock(rng, middle + gap),
        "check_out": clock(rng, max(end, middle + gap) + timedelta(minutes=rng.choice([0, 20]))),
        "in_method": "phone",
        "planned_start": named(rng, start, agreed) if rng.random() < 0.3 else "",
    }
    return [row | {"check_out": clock(rng, middle)}, second]


def clock(rng: Random, moment: datetime) -> str:
    """Write a time as a sender might: to the second or minute, rarely with an offset."""
    if rng.random() < 0.1:
        return moment.isoformat(timespec="seconds") + rng.choice(["Z", "+00:00", "+01:00"])
    return moment.isoformat(timespec=rng.choice(["minutes", "seconds"]))


def versions(rng: Random, rows: list[Row]) -> list[Row]:
    """Send some rows again: the same, changed under one number, or as another version."""
    chance = rng.random()
    row = rng.choice(rows)
    changed = row | {"worker_id": rng.choice(WORKERS), "reason_code": "R2"}
    if chance < 0.04:
        return [*rows, dict(row)]
    if chance < 0.07:
        return [*rows, changed]
    if chance < 0.12:
        return [*rows, changed | {"sequence": rng.choice([0, 2, 3])}]
    if chance < 0.14:
        return [*rows, changed, changed | {"sequence": 2}, changed | {"sequence": 2}]
    if chance < 0.16:
        return [*rows, row | {"visit_id": f"{row['visit_id']}x", "check_in": "2026-02-31T08:00"}]
    return rows


def draw_suspensions(rng: Random, orders: list[Row], first: date) -> list[Row]:
    """Draw suspensions: stays that touch or overlap, of a person or of one order."""
    rows = []
    for _ in range(rng.choice([0, 0, 1, 2, 4])):
        order = rng.choice(orders)
        begin = first + timedelta(days=rng.randint(-5, 6))
        length = rng.choice([None, 0, 1, 3])
        row: Row = {
            "person_id": order["person_id"],
            "order_id": rng.choice(["", "", order["order_id"]]),
            "from_on": begin,
            "from_time": rng.choice(["", "08:10", "15:00"]),
            "reason": rng.choice(["hospital", "hospital", "respite", "deceased", "away"]),
            "told_at": rng.choice(["", f"{begin}T07:00", f"{begin}T18:00"]),
        }
        if length is not None:
            row["to_on"] = begin + timedelta(days=length)
            row["to_time"] = rng.choice(["", "20:30", "23:00"])
        rows.append(row)
    return rows


def draw_rates(rng: Random, first: date) -> list[Row]:
    """Draw rate cards: kinds that overlap, ladders, bands, priorities, sometimes a hole."""
    rows = []
    for contract in ("C1", "C2"):
        for service in SERVICES:
            for from_on in (date(2026, 1, 1), first + timedelta(days=3)):
                if from_on == date(2026, 1, 1) or rng.random() < 0.3:
                    rows += card(rng, contract, service, from_on)
    return rows


def card(rng: Random, contract: str, service: str, from_on: date) -> list[Row]:
    rows: list[Row] = []
    base = {"contract_id": contract, "service": service, "from_on": from_on}
    if rng.random() < 0.9:
        rows.append(base | {"day_type": "any", "amount_pence": rng.choice([2000, 2213, 1999])})
    for _ in range(rng.choice([0, 0, 1, 2, 4])):
        row = base | {
            "day_type": rng.choice(["any", "weekday", "weekend", "saturday", "sunday", "bank_holiday"]),
            "slot": rng.choice(["any", "", "1", "2"]),
            "priority": rng.choice(["", "0", "0", "1"]),
        }
        if rng.random() < 0.5:
            bands = [("07:00", "08:30"), ("08:20", "24:00"), ("22:00", "07:15"), ("00:30", "02:00")]
            row["band_from"], row["band_to"] = rng.choice(bands)
        if rng.random() < 0.5:
            rows.append(row | {"amount_pence": rng.randint(1500, 4000)})
        else:
            for minutes in sorted(rng.sample([15, 30, 45, 60], rng.randint(1, 3))):
                price = {15: 800, 30: 1450, 45: 1450, 60: 2600}[minutes]  # never falls
                rows.append(row | {"minutes": minutes, "amount_pence": price})
    return rows


def draw_invoices(
    rng: Random, orders: list[Row], visits: list[Row], first: date, last: date
) -> list[Row]:
    """Draw invoice lines: by period, by order, by visit; repeats, credits, strangers."""
    rows: list[Row] = []
    for number in range(rng.choice([0, 2, 5, 9])):
        order = rng.choice(orders)
        begin = first + timedelta(days=rng.choice([-2, 0, 0, 0, 1, 2, 4]))
        end = rng.choice([begin, begin + timedelta(days=2), last, last, last + timedelta(days=1)])
        row: Row = {
            "invoice_id": rng.choice(["I1", "I1", "I2"]),
            "line_no": number + 1 if rng.random() < 0.97 else 1,
            "provider_id": order["provider_id"],
            "person_id": order["person_id"] if rng.random() < 0.95 else "P9",
            "service": order["service"],
            "from_on": begin,
            "to_on": max(begin, end),
            "billed_at": rng.choice([last, last + timedelta(days=7)]),
        }
        row |= claimed(rng, order, (row["to_on"] - begin).days + 1)
        chance = rng.random()
        if chance < 0.2:
            row["order_id"] = order["order_id"]
        elif chance < 0.5 and visits:
            visit = rng.choice(visits)
            row["visit_id"] = visit["visit_id"]
            row |= {name: visit[name] for name in ("person_id", "provider_id", "service")}
            row |= claimed(rng, order, 1)
        rows.append(row)
        if rng.random() < 0.25:
            rows.append(row | {"invoice_id": rng.choice(["I1", "I3"]), "line_no": number + 50})
    return rows


def claimed(rng: Random, order: Row, days: int) -> Row:
    """Draw a claim: about what the plan would cost, or anything."""
    if rng.random() < 0.25:
        return {
            "minutes": rng.choice([0, 30, 60, 300]),
            "amount_pence": rng.choice([0, 500, 1000, 8000, 100000, -700]),
        }
    minutes = int(order.get("minutes") or 45) * rng.choice([days, days, max(1, days - 1), 1])
    rate = rng.choice([2000, 2000, 2213, 1999])
    return {"minutes": minutes, "amount_pence": (minutes * rate + 30) // 60}


@contextmanager
def written(folder: Folder) -> Iterator[Path]:
    """Write a folder somewhere for a while."""
    with TemporaryDirectory() as name:
        yield folder.write(Path(name))
