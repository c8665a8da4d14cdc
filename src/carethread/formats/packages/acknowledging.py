"""What goes back to the sender: accepted or returned, with every reason. No name, no care times."""

from collections.abc import Sequence
from typing import Any

from carethread.formats.packages.canonical import fingerprint
from carethread.formats.packages.records import PackageRead, Returned


def acknowledgement(read: PackageRead, returns: Sequence[Returned]) -> dict[str, Any]:
    """Return the answer to one message, ready for JSON; `returns` are those of `check`.

    `sha256` is the sum of what was understood, null where nothing was: a sender can hold it against
    its own.
    """
    every = [*read.returns, *returns]
    return {
        "key": read.key,
        "sha256": None if read.package is None else fingerprint(read.package),
        "outcome": "returned" if every else "accepted",
        "returns": [
            {
                "code": one.code.value,
                "label": one.label,
                "field": one.field,
                "order_line": one.line,
                "who": one.who.value,
                "sentence": one.sentence,
            }
            for one in every
        ],
    }
