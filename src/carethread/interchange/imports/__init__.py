"""Imports: a file is recorded before it is read, checked and shown, then applied whole or not at all.

`receive` keeps what was sent; `check` says of every row whether it is new, changed, unchanged or
rejected, and why; `apply` writes it in one transaction. What each table's keys are, and what a changed
row does, is decided in docs/decisions/0010-what-an-import-does.md.
"""
