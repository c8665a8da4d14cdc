"""What a bare COPY takes: `python -m bench.bare_copy URL TABLE` copies a table's rows into its twin.

The twin has the same columns, indexes and constraints, but no wall; the rows are text in memory.
"""

import json
import sys
import time

import psycopg
from psycopg import sql

from bench.common import say


def main() -> None:
    """Make the twin, fill it, say how long that took."""
    url, name = sys.argv[1:]
    table, twin = sql.Identifier(name), sql.Identifier(f"{name}_twin")
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(twin, table))
        for (definition,) in _references(connection, name):
            connection.execute(sql.SQL("ALTER TABLE {} ADD {}").format(twin, sql.SQL(definition)))
        connection.commit()
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT csv)").format(table)) as copy:
            blocks = [bytes(block) for block in copy]
        begun = time.perf_counter()
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(twin)) as copy:
            for block in blocks:
                copy.write(block)
        connection.commit()
        seconds = time.perf_counter() - begun
    say(json.dumps({"seconds": round(seconds, 3)}))


def _references(connection: psycopg.Connection, name: str) -> list[tuple[str]]:
    """Return the foreign keys of a table, which LIKE leaves out."""
    found = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
        " AND conrelid = %s::regclass",
        [name],
    )
    return found.fetchall()


if __name__ == "__main__":
    main()
