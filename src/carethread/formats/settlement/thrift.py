"""Thrift's compact encoding, of whatever structure: the footers of Parquet files are written in it.

Source: Apache Thrift, thrift-compact-protocol.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Kind(IntEnum):
    """What a value is."""

    TRUE = 1
    FALSE = 2
    BYTE = 3
    SHORT = 4
    INT = 5
    LONG = 6
    DOUBLE = 7
    BINARY = 8
    LIST = 9
    SET = 10
    STRUCT = 12


@dataclass(slots=True)
class Field:
    """A field's kind and its value: of a list the kind of its elements, and these."""

    kind: Kind
    value: Any


Struct = dict[int, Field]
"""Fields by their number, in the order in which they are written."""
_DOUBLE_SIZE = 8
_WIDE = 15
"""Sizes of lists from here on, and steps between fields above it, are written apart."""
_MORE, _BITS = 0x80, 7


def read(data: bytes) -> Struct:
    """Read a structure.

    >>> read(bytes.fromhex("1504190c00"))[1].value
    2
    """
    return _Reader(data).struct()


def written(struct: Struct) -> bytes:
    """Write a structure.

    >>> written(read(bytes.fromhex("1504190c00"))).hex()
    '1504190c00'
    """
    data = bytearray()
    _write_struct(data, struct)
    return bytes(data)


class _Reader:
    """Reads values one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self._byte():
            step, kind = divmod(head, 16)
            number = number + step if step else self._signed()
            fields[number] = Field(Kind(kind), self._value(Kind(kind)))
        return fields

    def _value(self, kind: Kind) -> Any:
        match kind:
            case Kind.TRUE | Kind.FALSE:
                return None
            case Kind.BYTE:
                return self._byte()
            case Kind.SHORT | Kind.INT | Kind.LONG:
                return self._signed()
            case Kind.DOUBLE | Kind.BINARY:
                return self._bytes(_DOUBLE_SIZE if kind is Kind.DOUBLE else self._unsigned())
            case Kind.LIST | Kind.SET:
                size, of = divmod(self._byte(), 16)
                size = self._unsigned() if size == _WIDE else size
                return Kind(of), [self._value(Kind(of)) for _ in range(size)]
            case Kind.STRUCT:
                return self.struct()

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _unsigned(self) -> int:
        number = shift = 0
        while (byte := self._byte()) & _MORE:
            number |= (byte - _MORE) << shift
            shift += _BITS
        return number | byte << shift

    def _signed(self) -> int:
        number = self._unsigned()
        return number >> 1 ^ -(number & 1)


def _write_struct(data: bytearray, struct: Struct) -> None:
    before = 0
    for number, field in struct.items():
        step = number - before
        if 0 < step <= _WIDE:
            data.append(step << 4 | field.kind)
        else:
            data.append(field.kind)
            _write_signed(data, number)
        _write(data, field.kind, field.value)
        before = number
    data.append(0)


def _write(data: bytearray, kind: Kind, value: Any) -> None:
    match kind:
        case Kind.TRUE | Kind.FALSE:
            pass
        case Kind.BYTE:
            data.append(value)
        case Kind.SHORT | Kind.INT | Kind.LONG:
            _write_signed(data, value)
        case Kind.DOUBLE:
            data.extend(value)
        case Kind.BINARY:
            _write_unsigned(data, len(value))
            data.extend(value)
        case Kind.LIST | Kind.SET:
            of, elements = value
            data.append(min(len(elements), _WIDE) << 4 | of)
            if len(elements) >= _WIDE:
                _write_unsigned(data, len(elements))
            for element in elements:
                _write(data, of, element)
        case Kind.STRUCT:
            _write_struct(data, value)


def _write_unsigned(data: bytearray, number: int) -> None:
    while number >= _MORE:
        data.append(number & _MORE - 1 | _MORE)
        number >>= _BITS
    data.append(number)


def _write_signed(data: bytearray, number: int) -> None:
    _write_unsigned(data, number << 1 if number >= 0 else ~number << 1 | 1)
