"""A Parquet file as rows of text, as a CSV file would have them.

pyarrow is imported where it is used: it takes a third of a second that CSV need not pay.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from carethread.engine.records import Fault
from carethread.formats.settlement.files import Row, Unreadable

_BATCH = 20_000
_HOURS_AND_MINUTES = 5


class ParquetFile:
    """A Parquet file with natural types: text, dates, times, whole numbers, true or false."""

    def __init__(self, path: Path) -> None:
        """Open the file and read its columns.

        Raises:
            Unreadable: if it is not a Parquet file.
        """
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        self._path = path
        try:
            self._file = pq.ParquetFile(path)
            schema: Any = self._file.schema_arrow
            names = schema.names
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._unreadable(None, error) from None
        self.schema, self.metadata = schema, self._file.metadata
        self.columns: Sequence[str] = [name.strip() for name in names]
        self.unusable: Mapping[str, str] = {
            field.name.strip(): str(field.type) for field in schema if not _is_value(field.type)
        }
        self._read = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not blank; as in a CSV file, the first is number 2."""
        import pyarrow as pa  # noqa: PLC0415

        number = 1
        try:
            for batch in self._file.iter_batches(_BATCH):
                for cells in self.cells(batch):
                    number += 1
                    if any(cells):
                        yield Row(number, cells)
                self._read += batch.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._unreadable(number, error) from None

    def part_read(self) -> float:
        """Return how much of the file has been read, from 0 to 1."""
        return self._read / (self._file.metadata.num_rows or 1)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def cells(self, batch: Any) -> Iterator[Sequence[str]]:
        """Return each row of an Arrow batch of the file as texts, blanks cut off."""
        columns = [self._texts(batch, place) for place in range(batch.num_columns)]
        return zip(*columns, strict=True)

    def _texts(self, batch: Any, place: int) -> list[str]:
        if self.columns[place] in self.unusable:
            return [""] * int(batch.num_rows)
        return ["" if text is None else text.strip() for text in as_text(batch.column(place))]

    def _unreadable(self, row: int | None, error: Exception) -> Unreadable:
        if isinstance(error, UnicodeDecodeError):
            say = "the file has text that is not UTF-8; write it again as UTF-8"
        else:
            say = f"the file cannot be read as Parquet: {str(error).splitlines()[0]}"
        return Unreadable(Fault(self._path.name, row, "", say))


def _is_value(kind: Any) -> bool:
    """Say whether a column of the Arrow type holds single values that can be written as text."""
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(kind):
        return _is_value(kind.value_type)
    tests = (
        *(types.is_string, types.is_large_string, types.is_string_view, types.is_null),
        *(types.is_integer, types.is_floating, types.is_decimal, types.is_boolean),
        *(types.is_date, types.is_timestamp, types.is_time),
    )
    return any(test(kind) for test in tests)


def as_text(column: Any) -> list[str | None]:
    """Write natural values as CSV has them: true, 30, 2026-04-06, 08:00, 2026-04-06 08:00:00+0100.

    A time that no calendar has becomes text that no reader takes.
    """
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute, types  # noqa: PLC0415

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_floating(column.type):
        column = compute.if_else(compute.is_nan(column), None, column)
    texts: list[str | None] = compute.cast(column, pa.string()).to_pylist()
    if types.is_time(column.type):
        return [None if text is None else text[:_HOURS_AND_MINUTES] for text in texts]
    return texts
