"""`contracts.toml`: the council's settings and each contract's dated terms.

Source: settlement §2.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from carethread.engine import words
from carethread.engine.records import Contract, Fault, Settings, Terms
from carethread.engine.units import DAY_MINUTES
from carethread.formats.settlement.toml_rows import TomlPath, TomlRows
from carethread.formats.settlement.toml_values import (
    Read,
    a_date,
    an_id,
    bands,
    many,
    notices,
    percent,
    region,
    truth,
    whole,
    word,
)

FILE = "contracts.toml"
_HELD = ("same_worker", "worker_overlap", "short_team", "late_time_critical")
MATCH: dict[str, Read] = {
    "window_minutes": whole(1, 720),
    "join_gap_minutes": whole(0, DAY_MINUTES),
    "time_critical_minutes": whole(0, DAY_MINUTES),
}
HOLIDAYS: dict[str, Read] = {"region": region, "extra": many(a_date), "none": truth}
INVOICE: dict[str, Read] = {
    "over_pence_per_line": whole(),
    "over_percent": percent,
    "under_pence_per_line": whole(),
    "under_percent": percent,
}
TERMS: dict[str, Read] = {
    "from": a_date,
    "pay_basis": word(words.PayBasis),
    "tolerance_minutes": whole(),
    "minimum_minutes": whole(),
    "round_to_minutes": whole(1, DAY_MINUTES),
    "round": word(words.Rounding),
    "bands": bands,
    "cap": word(words.Cap),
    "cap_over_minutes": whole(),
    "pool": word(words.Pool),
    "double_up": word(words.DoubleUp),
    "missed_percent": percent,
    "frustrated_percent": percent,
    "cancelled": notices,
    "suspended_percent": percent,
    "retainer_days": whole(),
    "unplanned": word(words.Unplanned),
    "manual": word(words.Manual),
    "hold_on": many(word(words.Kind, only=_HELD)),
    "band_rule": word(words.BandRule),
}


@dataclass(slots=True)
class ContractsRead:
    """What came out of the file."""

    contracts: list[Contract] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    faults: list[Fault] = field(default_factory=list)


def read_contracts(folder: Path) -> ContractsRead:
    """Read `contracts.toml`; every fault comes with its line and key."""
    result = ContractsRead()
    try:
        text = (folder / FILE).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        document = tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError:
        result.faults.append(Fault(FILE, None, "", "the file is missing"))
        return result
    except OSError as error:
        result.faults.append(Fault(FILE, None, "", f"the file cannot be opened: {error.strerror}"))
        return result
    except UnicodeDecodeError:
        result.faults.append(Fault(FILE, None, "", "the file is not UTF-8; save it as UTF-8"))
        return result
    except tomllib.TOMLDecodeError as error:
        row = re.search(r"line (\d+)", str(error))
        say = f"the file is not valid TOML: {error}"
        result.faults.append(Fault(FILE, int(row[1]) if row else None, "", say))
        return result
    reader = _Reader(result)
    reader.document(document)
    where = TomlRows(text)
    result.faults += [Fault(FILE, where.row(path), key, say) for path, key, say in reader.wrong]
    return result


class _Reader:
    """Reads a parsed document; `wrong` has the path, the key and the words of each fault."""

    def __init__(self, result: ContractsRead) -> None:
        self._result = result
        self.wrong: list[tuple[TomlPath, str, str]] = []

    def document(self, document: Mapping[str, Any]) -> None:
        known = {"match", "holidays", "invoice", "contract"}
        for key in document.keys() - known:
            self._fault((key,), key, f"is not known here; known are {', '.join(sorted(known))}")
        match = self._table(document, "match", MATCH)
        holidays = self._table(document, "holidays", HOLIDAYS)
        invoice = self._table(document, "invoice", INVOICE)
        self._result.settings = Settings(
            **match,
            **invoice,
            region_holidays=not holidays.get("none", False),
            extra_holidays=frozenset(holidays.get("extra", ())),
        )
        for place, contract in enumerate(self._tables(document, ("contract",), "contract")):
            self._contract(contract, ("contract", place))

    def _table(
        self, document: Mapping[str, Any], key: str, readers: Mapping[str, Read]
    ) -> dict[str, Any]:
        table = document.get(key, {})
        if isinstance(table, dict):
            return self._values(table, (key,), readers)
        self._fault((key,), key, f"must be a table, written [{key}]")
        return {}

    def _tables(
        self, document: Mapping[str, Any], path: TomlPath, key: str
    ) -> Iterator[Mapping[str, Any]]:
        tables = document.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            dotted = ".".join(part for part in path if isinstance(part, str))
            self._fault(path, key, f"must be a list of tables, each written [[{dotted}]]")
            return
        yield from tables

    def _values(
        self,
        table: Mapping[str, Any],
        path: TomlPath,
        readers: Mapping[str, Read],
        also: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        values = {}
        for key, value in table.items():
            if key not in readers:
                say = f"is not known here; known are {', '.join((*readers, *also))}"
                self._fault((*path, key), key, say)
                continue
            try:
                values[key] = readers[key](value)
            except ValueError as error:
                self._fault((*path, key), key, str(error))
        return values

    def _contract(self, table: Mapping[str, Any], path: TomlPath) -> None:
        table = dict(table)
        dated: dict[date, Terms] = {}
        every_terms = {"terms": table.pop("terms")} if "terms" in table else {}
        for place, one in enumerate(self._tables(every_terms, (*path, "terms"), "terms")):
            here = (*path, "terms", place)
            terms = self._terms(one, here)
            if terms is not None and terms.from_on in dated:
                self._fault((*here, "from"), "from", f"{terms.from_on} begins two terms")
            elif terms is not None:
                dated[terms.from_on] = terms
        values = self._values(table, path, {"id": an_id}, also=("terms",))
        if "id" not in table:
            self._fault(path, "id", "is missing: a contract needs its id")
        elif values.get("id") in {contract.contract_id for contract in self._result.contracts}:
            self._fault((*path, "id"), "id", f"{values['id']} is there twice")
        elif "id" in values:
            terms_in_order = tuple(dated[from_on] for from_on in sorted(dated))
            self._result.contracts.append(Contract(values["id"], terms_in_order))

    def _terms(self, table: Mapping[str, Any], path: TomlPath) -> Terms | None:
        values = self._values(table, path, TERMS)
        if "from" not in table:
            self._fault(path, "from", "is missing: terms need the date they begin on")
        if "from" not in values:
            return None
        if "hold_on" in values:
            values["hold_on"] = frozenset(values["hold_on"])
        return Terms(from_on=values.pop("from"), **values)

    def _fault(self, path: TomlPath, key: str, say: str) -> None:
        self.wrong.append((path, key, say))
