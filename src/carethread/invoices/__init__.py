"""Invoices: what providers bill, line by line, as it came.

Stands on the settlement. Feeds payments.
"""
