"""`run.json`: what was settled from what, to be proved later; and what tells a settlement apart."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carethread import __version__
from carethread.engine.records import Finding, Period
from carethread.engine.words import Kind

FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A settlement's record: its period, and of each input file its rows and those kept out."""

    period: Period
    rows: Mapping[str, int]
    kept_out: Mapping[str, int]


def kept_out(findings: Iterable[Finding]) -> dict[str, int]:
    """Count the rows of each file that could not be read."""
    return dict(Counter(finding.file for finding in findings if finding.kind is Kind.BAD_ROW))


def write(out: Path, folder: Path, run: Run, sha256: Mapping[str, str]) -> None:
    """Write the record into a settlement; `sha256` has the digests that are known already."""
    names = [*sorted(run.rows), "contracts.toml"]
    record = {
        "carethread": __version__,
        "from": run.period.first_on.isoformat(),
        "to": run.period.last_on.isoformat(),
        "inputs": {
            name: {
                "rows": run.rows.get(name),
                "kept_out": run.kept_out.get(name, 0),
                "sha256": sha256.get(name) or digest(folder / name),
            }
            for name in names
        },
    }
    (out / FILE).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read(out: Path) -> Run:
    """Read a settlement's record.

    Raises:
        FileNotFoundError: if the folder holds no settlement.
        ValueError: if the record is not one.
    """
    try:
        record = json.loads((out / FILE).read_text(encoding="utf-8"))
        inputs = record["inputs"]
        return Run(
            Period(date.fromisoformat(record["from"]), date.fromisoformat(record["to"])),
            {name: one["rows"] for name, one in inputs.items() if one["rows"] is not None},
            {name: one["kept_out"] for name, one in inputs.items() if one["kept_out"]},
        )
    except (KeyError, TypeError) as error:
        message = f"{FILE} lacks {error}"
        raise ValueError(message) from None


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
