"""Retention: whose record has been kept as long as it must be, and disposing of it.

Fed by people, orders, visits and settlement; it has no tables of its own. Feeds nobody.
"""
