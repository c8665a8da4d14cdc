"""The inbox's message: a package of care that case management sends, and what goes back.

A package is a person, a plan that was authorised, and the order lines that buy what it asks for.
`reading.read_package` takes one as JSON, `tables.read_packages_csv` many as CSV; `checking.check` holds
one against what the books know; `acknowledging.acknowledgement` is the answer. Every package is
accepted or returned, and every return says what is wrong, what to do, and who must do it.

Source: the founding paper of Croydon: "cases not going through, and teams are unaware why".
"""
