"""How a line's figure came about, as short JSON: what is empty is left out, instants are minutes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from carethread.engine.results import Working
from carethread.formats.settlement.tables import WORKINGS, Column, Type

_OF_TYPE = {
    Type.TEXT: "to_json({name})::VARCHAR",
    Type.INTEGER: "{name}::VARCHAR",
    Type.DATE: "'\"' || {name}::VARCHAR || '\"'",
    Type.INSTANT: "(epoch_ms({name}) // 60000)::VARCHAR",
    Type.TRUTH: "{name}::VARCHAR",
}
_NAMED = [column for column in WORKINGS.columns if column.name != "line_id"]


def workings(path: Path) -> tuple[pa.Array, pa.Array]:
    """Return the line ids and the workings of a published Parquet file, in its order."""
    members = ", ".join(_member(column) for column in _NAMED)
    sql = f"""
        SELECT line_id, '{{' || concat_ws(',', {members}) || '}}' AS working
        FROM read_parquet(?, file_row_number = true) ORDER BY file_row_number
        """  # noqa: S608 -- the columns are our own
    import duckdb  # noqa: PLC0415 -- Django's start would pay for it in every command

    with duckdb.connect() as books:
        table: Any = books.sql(sql, params=[str(path)]).to_arrow_table()
    return table["line_id"].combine_chunks(), table["working"].combine_chunks()


def _member(column: Column) -> str:
    """Return the expression of a member; null, and so left out, where it is empty."""
    return f"'\"{column.name}\":' || " + _OF_TYPE[column.type].format(name=f'"{column.name}"')


def working_of(line_id: str, text: str) -> Working:
    """Return a stored working as the engine has it."""
    values: dict[str, Any] = json.loads(text or "{}")
    for column in _NAMED:
        if column.type is Type.DATE and column.name in values:
            values[column.name] = date.fromisoformat(values[column.name])
    return Working(line_id=line_id, **values)
