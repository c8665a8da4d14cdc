"""The benchmark measures what it says: its folders are right, its peers agree, it counts rightly."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bench import chart, limit, processes
from bench.common import COLD_PEOPLE, PERIOD, ROOT
from bench.grow import base, tile
from bench.hard import write_hard
from bench.peers import duckdb_sql, plain_python
from bench.wrong_slots import wrong_slots

from carethread.cli import main
from carethread.formats.settlement import published, read, tables
from carethread.synth.council import Council
from carethread.synth.folder import TRUTH

COPIES = 2


def silent(_file: str, _part: float) -> None: ...


def settled(folder: Path) -> Path:
    out = folder.with_name(f"{folder.name}-out")
    command = ["settle", str(folder), *PERIOD, "--out", str(out), "--format", "parquet", "--quiet"]
    assert out.exists() or main(command) == 0
    return out


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base(Council(COLD_PEOPLE, 4, 3), tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def grown(one: Path) -> Path:
    folder = one.with_name("grown")
    folder.mkdir()
    tile(one, folder, COPIES)
    return folder


def column(path: Path, name: str) -> list[object]:
    return list(pq.read_table(path)[name].to_pylist())


def test_a_grown_council_is_the_base_many_times_over(one: Path, grown: Path) -> None:
    reading = read.read(grown, silent)
    assert not reading.faults
    assert not reading.inputs.findings
    for table in ("orders", "planned", "suspensions", "visits", "invoices"):
        path = f"{table}.parquet"
        rows = pq.read_metadata(one / path).num_rows
        assert pq.read_metadata(grown / path).num_rows == COPIES * rows, table
        assert pq.read_schema(grown / path) == pq.read_schema(one / path), table
    of_base, of_grown = (published.read(settled(folder), tables.LINES) for folder in (one, grown))
    figures = Counter((line.outcome, line.amount_pence, line.reasons) for line in of_base)
    many = Counter((line.outcome, line.amount_pence, line.reasons) for line in of_grown)
    assert many == Counter({key: COPIES * count for key, count in figures.items()})


def test_a_grown_council_has_ids_of_its_own(one: Path, grown: Path) -> None:
    for table, name in (("visits", "visit_id"), ("orders", "order_id"), ("visits", "worker_id")):
        ids, before = (set(column(folder / f"{table}.parquet", name)) for folder in (grown, one))
        assert before < ids
        assert len(ids - {""}) == COPIES * len(before - {""}), name


def test_truth_is_about_the_visits_there_are(grown: Path) -> None:
    truth = pq.read_table(grown / TRUTH / "visits.parquet")
    made_for = dict(zip(truth["visit_id"].to_pylist(), truth["line_id"].to_pylist(), strict=True))
    assert len(made_for) == len(truth)
    visits = pq.read_table(grown / "visits.parquet")
    assert set(made_for) == set(visits["visit_id"].to_pylist())
    orders = set(column(grown / "orders.parquet", "order_id"))
    lines = [line_id for line_id in made_for.values() if line_id]
    assert {line_id.split("|")[0] for line_id in lines} <= orders
    assert len(lines) > 0.9 * len(made_for)


def test_visits_stand_as_they_arrive(grown: Path) -> None:
    visits = pq.read_table(grown / "visits.parquet").slice(500, 1000)
    people = visits["person_id"].to_pylist()
    beside = sum(a == b for a, b in pairwise(people))
    assert beside < 0.2 * len(people)
    days = [when.date() for when in visits["check_in"].to_pylist() if when]
    late = sum(b < a for a, b in pairwise(days))
    assert 0 < late < 0.1 * len(days)


@pytest.mark.parametrize("late_rounds", [False, True])
def test_hard_days_are_hard(tmp_path: Path, one: Path, *, late_rounds: bool) -> None:
    folder = tmp_path / "hard"
    folder.mkdir()
    tile(one, folder, 1)
    for name in ("planned", "suspensions", "invoices"):
        path = folder / f"{name}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    write_hard(folder, 2_000, late_rounds=late_rounds)
    assert not read.read(folder, silent).inputs.findings
    assert abs(pq.read_metadata(folder / "visits.parquet").num_rows - 2_000) < 100
    wrong, slots = wrong_slots(folder, settled(folder) / "lines.parquet")
    plain_python.settle(folder, tmp_path / "peer.parquet")
    nearest, _ = wrong_slots(folder, tmp_path / "peer.parquet")
    assert 0.01 < wrong / slots < 0.1
    assert wrong < nearest


def total(lines: Path) -> tuple[int, int]:
    sql = "select count(*), sum(amount_pence)::bigint from read_parquet(?)"
    ((count, pence),) = duckdb.execute(sql, [f"{lines}"]).fetchall()
    return count, pence


def test_peers_agree_with_each_other_and_nearly_with_us(grown: Path) -> None:
    ways = {name: grown.with_name(f"{name}.parquet") for name in ("duckdb", "polars", "python")}
    duckdb_sql.settle(grown, ways["duckdb"])
    plain_python.settle(grown, ways["python"])
    program = [sys.executable, "-m", "bench.peers.polars_lazy"]
    command = [*program, str(grown), str(ways["polars"])]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert set(json.loads(ran.stdout)) == {"seconds", "peak_mb"}
    lines, pence = total(ways["python"])
    assert total(ways["duckdb"]) == (lines, pence)
    assert total(ways["polars"]) == (lines, pence)
    ours = [line for line in published.read(settled(grown), tables.LINES) if line.slot]
    assert len(ours) == lines
    assert sum(line.amount_pence or 0 for line in ours) == pytest.approx(pence, rel=0.05)


def test_wrong_slots_are_counted_by_hand(tmp_path: Path) -> None:
    made_for = {
        "1": "A|2026-05-04T08:00|1",  # answered rightly
        "2": "A|2026-05-05T08:00|1",  # not answered
        "3": "A|2026-05-06T08:00|1",  # 3 and 4 are changed over
        "4": "B|2026-05-06T09:00|1",
        "5": "D|2026-05-04T08:00|1",  # a double-up, answered the other way round
        "6": "D|2026-05-04T08:00|2",
        "7": "A|2026-05-07T08:00|1",  # two log-ins of one visit, the second answers
        "7b": "A|2026-05-07T08:00|1",
        "8": "",  # nobody planned it; it answers a slot that nobody came to
    }
    (tmp_path / TRUTH).mkdir()
    truth = {
        "visit_id": list(made_for),
        "line_id": list(made_for.values()),
        "delivered": [True] * len(made_for),
    }
    pq.write_table(pa.table(truth), tmp_path / TRUTH / "visits.parquet")
    answers = {
        "A|2026-05-04T08:00|1": "1",
        "A|2026-05-05T08:00|1": None,
        "A|2026-05-06T08:00|1": "4",
        "B|2026-05-06T09:00|1": "3",
        "D|2026-05-04T08:00|1": "6",
        "D|2026-05-04T08:00|2": "5",
        "A|2026-05-07T08:00|1": "7b",
        "B|2026-05-07T09:00|1": "8",
    }
    ours = {
        "line_id": list(answers),
        "order_id": [line_id[0] for line_id in answers],
        "visit_id": list(answers.values()),
        "outcome": ["delivered" if visit else "missed" for visit in answers.values()],
    }
    pq.write_table(pa.table(ours), tmp_path / "ours.parquet")
    starts = [line_id.split("|")[1] for line_id in answers]
    peer = pa.table({"order_id": ours["order_id"], "visit_id": ours["visit_id"], "start": starts})
    start = pa.compute.strptime(peer["start"], "%Y-%m-%dT%H:%M", "ms")
    london = pa.compute.assume_timezone(start, "Europe/London")
    peer = peer.drop_columns("start").append_column("planned_start", london)
    pq.write_table(peer, tmp_path / "peer.parquet")
    assert wrong_slots(tmp_path, tmp_path / "ours.parquet") == (4, 7)
    assert wrong_slots(tmp_path, tmp_path / "peer.parquet") == (4, 7)


def test_the_limit_writes_what_carethread_writes(
    tmp_path: Path, one: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = settled(one)
    limit.main(one, theirs, tmp_path)
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"inside_seconds", "outside_seconds"}
    for path in theirs.glob("*.parquet"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_process_is_measured() -> None:
    program = "import time; full = bytearray(80_000_000); time.sleep(0.2); print(1)"
    ran = processes.run([sys.executable, "-c", program])
    assert 0.2 < ran.seconds < 10
    assert ran.peak_mb > 80
    assert ran.output == "1\n"
    with pytest.raises(processes.Failed, match="no such thing"):
        processes.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_memory_is_that_of_all_processes_together() -> None:
    child = "import time; full = bytearray(60_000_000); time.sleep(0.6)"
    program = f"import subprocess, sys; two = [subprocess.Popen([sys.executable, '-c', {child!r}])"
    program += " for _ in range(2)]; [one.wait() for one in two]"
    assert processes.run([sys.executable, "-c", program]).peak_mb > 120


def test_the_chart_says_what_it_shows() -> None:
    def figures(name: str, each: int) -> dict[str, object]:
        return {"name": name, "visits_per_second": each}

    results = {
        "visits": 1_005_090,
        "limit": figures("limit", 3_000_000),
        "ours": figures("carethread & co", 2_000_000),
        "ours_1_thread": figures("one", 1_000_000),
        "bucketed": figures("in buckets", 2_500_000),
        "peers": {"python": figures("plain Python", 40_000)},
        "machine": {"cores": 2},
    }
    picture = ET.fromstring(chart.svg(results))  # noqa: S314 -- our own
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"carethread & co", "2,000,000", "40,000"} <= set(texts)
    widths = [float(bar.attrib["width"]) for bar in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[1:] == [400, 333.3, 266.7, 133.3, 5.3]
