"""Records that are likely one person's, by a model of how much each agreement tells.

How often records of one person agree in a name, a birthday, a postcode or an NHS number (m) is stated
here; so is how often those of two people do (u). Where there are enough people, u of equal names,
birthdays and postcodes is counted among them instead: all pairs, not a sample, so that the same people
in give the same pairs out, and a place where many share a name is not taken for one full of doubles.

Source: Fellegi and Sunter 1969, "A Theory for Record Linkage"; splink (Ministry of Justice), its
documentation on m and u probabilities.
"""

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

ENOUGH = 1_000
"""From so many people on, u is counted among them."""
AT_LEAST_PERCENT = 80
_LEAST_U, _MOST_U = 1e-6, 0.9
_TWICE_THERE = 0.005
"""About so many of a council's records are somebody's second."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person, for comparing; empty or None where nothing is."""

    key: int
    given_name: str
    family_name: str
    born_on: str
    postcode: str
    nhs_number: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the smaller key first, and how likely they are one person's."""

    one: int
    other: int
    percent: int


@dataclass(frozen=True, slots=True)
class Likely:
    """The pairs found. is_counted: u was counted among these people, and not only stated."""

    pairs: Sequence[Pair]
    is_counted: bool


def _level(condition: str, m: float, u: float) -> dict[str, Any]:
    return {"sql_condition": condition, "m_probability": m, "u_probability": u}


def _nothing(*columns: str) -> dict[str, Any]:
    either = " OR ".join(f"{one}_l IS NULL OR {one}_r IS NULL" for one in columns)
    return {"sql_condition": either, "is_null_level": True}


_NEAR = "jaro_winkler_similarity({0}_l, {0}_r) >= 0.9"
_LEVELS: Mapping[str, Sequence[dict[str, Any]]] = {
    "name": (
        _nothing("given_name", "family_name"),
        _level("given_name_l = given_name_r AND family_name_l = family_name_r", 0.70, 0.00005),
        _level("given_name_l = family_name_r AND family_name_l = given_name_r", 0.02, 0.000005),
        _level(f"{_NEAR.format('given_name')} AND {_NEAR.format('family_name')}", 0.15, 0.0001),
        _level("family_name_l = family_name_r AND given_name_l[1] = given_name_r[1]", 0.05, 0.0003),
        _level("family_name_l = family_name_r", 0.01, 0.003),
        _level("given_name_l = given_name_r", 0.03, 0.01),
        _level("ELSE", 0.04, 0.98654),
    ),
    "birthday": (
        _nothing("born_on"),
        _level("born_on_l = born_on_r", 0.92, 0.00006),
        _level("damerau_levenshtein(born_on_l, born_on_r) <= 1", 0.05, 0.0015),
        _level(
            "born_on_l[:4] = born_on_r[:4] AND born_on_l[6:7] = born_on_r[9:10]"
            " AND born_on_l[9:10] = born_on_r[6:7]",
            0.01,
            0.00005,
        ),
        _level("ELSE", 0.02, 0.99839),
    ),
    "postcode": (
        _nothing("postcode"),
        _level("postcode_l = postcode_r", 0.75, 0.0005),
        _level("split_part(postcode_l, ' ', 1) = split_part(postcode_r, ' ', 1)", 0.10, 0.04),
        _level("ELSE", 0.15, 0.9595),
    ),
    "nhs": (
        _nothing("nhs_number"),
        _level("nhs_number_l = nhs_number_r", 0.97, 0.000001),
        _level("ELSE", 0.03, 0.999999),
    ),
}
_EQUAL: Mapping[str, Callable[[Known], str]] = {
    "name": lambda one: f"{_plain(one.given_name)}/{_plain(one.family_name)}",
    "birthday": lambda one: one.born_on,
    "postcode": lambda one: one.postcode,
}
"""What is equal in the first level of a comparison."""
_TOGETHER = (
    ("nhs_number",),
    ("born_on", "family_name"),
    ("born_on", "given_name"),
    ("born_on", "postcode"),
    ("family_name", "given_name"),
    ("family_name", "postcode"),
)
"""Only records that agree in all of one of these are compared."""


def likely_same(people: Sequence[Known]) -> Likely:
    """Return the pairs of records that are likely one person's, in order of their keys."""
    named = [one for one in people if one.nhs_number or (one.given_name and one.family_name)]
    if len(named) <= 1:
        return Likely((), is_counted=False)
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _compared(named)


def _compared(named: Sequence[Known]) -> Likely:
    import duckdb  # noqa: PLC0415 -- only where people are compared
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="key",
        comparisons=[
            {"output_column_name": name, "comparison_levels": levels}
            for name, levels in _levels(named).items()
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _TOGETHER],
        probability_two_random_records_match=min(0.01, 2 * _TWICE_THERE / len(named)),
        retain_matching_columns=False,
    )
    with duckdb.connect(config={"threads": 1, "enable_external_access": "false"}) as connection:
        database = DuckDBAPI(connection)
        linker = Linker(database.register(_table(named)), settings, log_level=None)
        least = (AT_LEAST_PERCENT - 1) / 100
        found = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
        rows = found.as_pyarrow_table().to_pylist()  # type: ignore[no-untyped-call]
    pairs = [
        Pair(
            one=min(row["key_l"], row["key_r"]),
            other=max(row["key_l"], row["key_r"]),
            percent=int(100 * row["match_probability"] + 0.5),
        )
        for row in rows
    ]
    kept = {(one.one, one.other): one for one in pairs if one.percent >= AT_LEAST_PERCENT}
    return Likely([kept[key] for key in sorted(kept)], is_counted=len(named) >= ENOUGH)


def _levels(named: Sequence[Known]) -> dict[str, list[dict[str, Any]]]:
    """Return the levels of each comparison, u counted where there are enough people."""
    levels = {name: [dict(one) for one in stated] for name, stated in _LEVELS.items()}
    for name, said in _EQUAL.items() if len(named) >= ENOUGH else ():
        _, equal, *others = levels[name]
        u = _agreeing([said(one) for one in named])
        left = (1 - u) / (1 - equal["u_probability"])
        equal["u_probability"] = u
        for one in others:
            one["u_probability"] *= left
    return levels


def _agreeing(values: Sequence[str]) -> float:
    """Return how many of all pairs of values, empty ones left out, are equal."""
    there = [one for one in values if one.strip("/")]
    count = len(there)
    if count <= 1:
        return _LEAST_U
    equal = sum(many * (many - 1) for many in Counter(there).values())
    return min(max(equal / (count * (count - 1)), _LEAST_U), _MOST_U)


def _table(people: Sequence[Known]) -> pa.Table:
    """Return people as a table, in order of their keys; names as one would compare them."""
    ordered = sorted(people, key=lambda one: one.key)
    texts = {
        "given_name": [_plain(one.given_name) for one in ordered],
        "family_name": [_plain(one.family_name) for one in ordered],
        "born_on": [one.born_on for one in ordered],
        "postcode": [one.postcode for one in ordered],
        "nhs_number": [one.nhs_number for one in ordered],
    }
    columns = {
        name: pa.array([one or None for one in cells], pa.string()) for name, cells in texts.items()
    }
    return pa.table({"key": pa.array([one.key for one in ordered], pa.int64()), **columns})


def _plain(name: str) -> str:
    return " ".join("".join(sign if sign.isalpha() else " " for sign in name.casefold()).split())
