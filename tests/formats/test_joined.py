"""Files put together from pieces: footers are read and written again without a byte of difference."""

from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carethread.formats.settlement import thrift
from carethread.formats.settlement.joined import joined
from carethread.formats.settlement.thrift import Field, Kind, Struct

WIDTHS = {Kind.SHORT: 16, Kind.INT: 32, Kind.LONG: 64}
NESTED = (Kind.LIST, Kind.SET, Kind.STRUCT)


def draw_kind(rng: Random, depth: int, but: tuple[Kind, ...] = ()) -> Kind:
    return rng.choice([kind for kind in Kind if kind not in but and (depth < 2 or kind not in NESTED)])


def draw_value(rng: Random, kind: Kind, depth: int) -> Any:
    if kind in WIDTHS:
        most = 2 ** (WIDTHS[kind] - 1)
        return rng.choice([0, 1, -1, 63, 64, -65, most - 1, -most])
    if kind in (Kind.LIST, Kind.SET):
        of = draw_kind(rng, depth + 1, (Kind.TRUE, Kind.FALSE))
        return of, [draw_value(rng, of, depth + 1) for _ in range(rng.choice([0, 1, 14, 15, 16]))]
    if kind is Kind.STRUCT:
        return draw_struct(rng, depth + 1)
    sizes = {Kind.DOUBLE: 8, Kind.BINARY: rng.choice([0, 1, 127, 128, 300])}
    if kind in sizes:
        return rng.randbytes(sizes[kind])
    return rng.randrange(256) if kind is Kind.BYTE else None


def draw_struct(rng: Random, depth: int = 0) -> Struct:
    struct: Struct = {}
    number = 0
    for _ in range(rng.randrange(6)):
        number += rng.choice([1, 2, 15, 16, 1000])
        kind = draw_kind(rng, depth)
        struct[number] = Field(kind, draw_value(rng, kind, depth))
    return struct


@given(st.integers(0, 2**32))
def test_whatever_thrift_says_is_read_and_written_again(seed: int) -> None:
    struct = draw_struct(Random(seed))
    assert thrift.read(thrift.written(struct)) == struct


@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_footers_of_any_writer_are_written_again_as_they_were(version: str) -> None:
    file = BytesIO()
    table = pa.table(
        {"text": ["a", None, "é" * 500], "whole": [1, None, 2**40], "part": [0.5, 1, None]}
    )
    pq.write_table(table, file, version=version, row_group_size=1)
    data = file.getvalue()
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") : -8]
    assert thrift.written(thrift.read(footer)) == footer


def test_files_of_another_writer_can_be_put_together_and_read(tmp_path: Path) -> None:
    tables = [pa.table({"text": [str(place), None], "number": [place, None]}) for place in range(20)]
    file = joined(tmp_path / "joined.parquet", "parquet")
    for table in tables:
        pq.write_table(table, tmp_path / "piece.parquet")
        file.add(tmp_path / "piece.parquet")
    file.close()
    assert pq.read_table(tmp_path / "joined.parquet") == pa.concat_tables(tables)
    assert pq.read_metadata(tmp_path / "joined.parquet").num_row_groups == 20
