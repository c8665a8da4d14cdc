"""Interchange: what comes in and goes out, checked before it is applied, acknowledged, counted.

Stands on every room it writes to. Feeds nobody.
"""
