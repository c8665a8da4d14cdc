"""Generates the pages that must never lag behind the code: docs/rules and docs/findings.md.

`python -m tests.docs` writes them; with `--check` it fails if they are not what it would write.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from carethread.engine import written
from carethread.engine.explain import WITHOUT_FINDING, explain
from carethread.engine.findings import CATALOGUE
from carethread.engine.results import Settlement
from carethread.engine.words import HOLDING, Kind, Severity
from carethread.formats.packages.catalogue import CATALOGUE as RETURNS
from carethread.formats.packages.tables import PACKAGES
from carethread.formats.settlement.layouts import LAYOUTS
from tests.engines import settled
from tests.spec.chapters import CHAPTERS
from tests.spec.drawn import MONDAY, Chapter, Drawn, Example, drawn

DOCS = Path(__file__).parents[1] / "docs"
_INPUTS = {
    "orders": "Orders",
    "planned": "Rota (planned.csv)",
    "suspensions": "Suspensions",
    "rates": "Rate card",
    "visits": "Visits",
    "invoices": "Invoice lines sent",
}
_OUTPUTS = {
    "lines": "Lines",
    "weekly": "Weekly hours",
    "findings": "Findings",
    "invoice_lines": "Invoice lines judged",
    "claim_groups": "Claim groups",
    "unclaimed": "Never claimed",
}
_GENERATED = "<!-- Generated from tests/spec by `make docs`: change the examples, not this page. -->"


_ABOUT = (
    "How carethread matches visits to plans, pays them, and reconciles invoices, step by step. Each of"
    " the {count} examples is run as a test of every version: what stands here is what is paid."
)
_UNLESS = (
    "Unless an example says otherwise, its person is P1, its provider A, its contract C, with the"
    " service PC at £20.00 an hour, and its days are those of the week from Monday 11 May 2026. An"
    " order is O1, for a visit by one carer at 08:00 on Monday, 30 minutes long. Visits are V1, V2"
    " and so on, in the order drawn, all by worker W1 with the app; a visit is on Monday unless its"
    " day is given. People and providers are invented."
)


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every generated page: where it goes, what it says."""
    yield DOCS / "findings.md", findings()
    for layout in LAYOUTS:
        heads = ",".join(column.name for column in layout.columns)
        yield DOCS / "templates" / f"{layout.table}.csv", f"{heads}\n"
    heads = ",".join(column.name for column in PACKAGES.columns)
    yield DOCS / "templates" / "packages.csv", f"{heads}\n"
    yield DOCS / "return-codes.md", return_codes()
    yield DOCS / "rules" / "README.md", contents()
    for chapter in CHAPTERS:
        yield DOCS / "rules" / f"{chapter.slug}.md", chapter_page(chapter)


def contents() -> str:
    """Return the rule book's first page."""
    rows = [f"- [{c.number} {c.title}](./{c.slug}.md)" for c in CHAPTERS]
    count = sum(len(chapter.examples) for chapter in CHAPTERS)
    return "\n".join(
        [
            "# The rule book",
            "",
            _GENERATED,
            "",
            _ABOUT.format(count=count),
            "",
            _UNLESS,
            "",
            *rows,
            "",
        ]
    )


def chapter_page(chapter: Chapter) -> str:
    """Return a chapter's page."""
    parts = [f"# {chapter.number} {chapter.title}", _GENERATED, _paragraphs(chapter.text)]
    parts += [example_text(example) for example in chapter.examples]
    parts.append("[All rules](./README.md)")
    return "\n\n".join(parts) + "\n"


def _paragraphs(text: str) -> str:
    return dedent(text).strip()


def example_text(example: Example) -> str:
    """Return an example: what it says, what goes in, what comes out."""
    parts = [f"## {example.name}", _paragraphs(example.says)]
    if example.source:
        parts.append(f"*Source: {_paragraphs(example.source)}*")
    if (example.first, example.last) != (MONDAY, MONDAY + timedelta(days=6)):
        parts.append(f"Settled: {written.day(example.first)} to {written.day(example.last)}.")
    if example.settings:
        parts.append(_toml("contracts.toml", example.settings))
    if example.terms:
        parts.append(_toml("The contract's terms", example.terms))
    for name, title in _INPUTS.items():
        table = drawn(getattr(example, name)) if getattr(example, name) else None
        default = getattr(example, name) == Example.__dataclass_fields__[name].default
        if table and table.rows and not default:
            parts.append(f"{title}:\n\n{markdown(table)}")
    parts.append("**What comes out**")
    parts += [f"{_OUTPUTS[name]}:\n\n{markdown(table)}" for name, table in example.expected()]
    if example.explain:
        parts += _explanations(example)
    return "\n\n".join(parts)


def _toml(title: str, text: str) -> str:
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return f"{title}:\n\n```toml\n{lines}\n```"


def markdown(table: Drawn) -> str:
    """Return a drawn table as Markdown."""
    if not table.rows:
        return "None."
    rows = [table.heads, ["---"] * len(table.heads), *table.rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def _cell(cell: str) -> str:
    return cell.replace("|", "\\|")


def _explanations(example: Example) -> Iterator[str]:
    with TemporaryDirectory() as name:
        settlement = settled(example.write(Path(name)), example.first, example.last)
    for line_id in example.explain:
        yield f"In words, for line `{line_id}`:\n\n" + _quoted(settlement, line_id)


def _quoted(settlement: Settlement, line_id: str) -> str:
    for line, working in zip(settlement.lines, settlement.workings, strict=True):
        if line.line_id == line_id:
            findings = [finding for finding in settlement.findings if finding.line_id == line_id]
            sentences = explain(line, working, findings).sentences
            return "\n".join(f"- {sentence}" for sentence in sentences)
    message = f"the example has no line {line_id}"
    raise LookupError(message)


def findings() -> str:
    """Return the page of findings."""
    parts = [
        "# Findings: what is wrong or doubtful, and what to do",
        _GENERATED.replace("tests/spec", "src/carethread/engine/findings.py").replace(
            "the examples", "the catalogue"
        ),
        "A finding is data that is wrong or doubtful, reported beside the lines. No row is dropped"
        " without one. Findings of severity *error* keep a row out or a line without a price; with"
        " `--strict` they make `carethread settle` end with exit code 1.",
    ]
    for severity in reversed(Severity):
        parts.append(f"## {severity.capitalize()}")
        parts += [_finding(kind) for kind in Kind if CATALOGUE[kind].severity is severity]
    parts.append("## Reasons that hold a line without being a finding")
    parts += [
        f"### {reason}\n\n{why[0].upper()}{why[1:]}\n\n**What to do:** {to_do}"
        for reason, (why, to_do) in WITHOUT_FINDING.items()
    ]
    return "\n\n".join(parts) + "\n"


def return_codes() -> str:
    """Return the page of the codes that packages are returned with."""
    parts = [
        "# Why a package is returned, and what to do",
        _GENERATED.replace("tests/spec", "src/carethread/formats/packages/catalogue.py").replace(
            "the examples", "the catalogue"
        ),
        "Where a field is missing or wrong, whoever fills that field in must act.",
        "| code | label | what to do | who |\n| --- | --- | --- | --- |",
    ]
    rows = [
        f"| `{code}` | {entry.label} | {entry.to_do} | {entry.who.replace('_', ' ')} |"
        for code, entry in RETURNS.items()
    ]
    return "\n\n".join(parts) + "\n" + "\n".join(rows) + "\n"


def _finding(kind: Kind) -> str:
    entry = CATALOGUE[kind]
    held = {reason.value for reason in HOLDING}
    also = " It is also a reason that can hold a line." if kind.value in held else ""
    return f"### {kind.value}\n\n{entry.means}{also}\n\n**What to do:** {entry.to_do}"


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    made = dict(pages())
    if "--check" not in arguments:
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in strays(made):
            path.unlink()
        return 0
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    stale += strays(made)
    for path in stale:
        sys.stderr.write(f"{path.relative_to(DOCS.parent)} is not current: run `make docs`\n")
    return 1 if stale else 0


def strays(made: dict[Path, str]) -> list[Path]:
    """Return the pages of the rule book that nothing generates any more."""
    return sorted(set((DOCS / "rules").glob("*.md")) - set(made))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
