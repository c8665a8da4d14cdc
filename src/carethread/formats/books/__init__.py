"""What a council's books know beyond the settlement folder: people, providers, workers, coding.

The same kind of layouts as `formats.settlement`, read by the same reader; nothing here is needed to
settle. An order and a visit are the contract's own, with more columns.

Source: settlement §2 for the contract's columns; the issue "The books" for the others.
"""
