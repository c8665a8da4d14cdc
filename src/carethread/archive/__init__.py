"""The archive: all that is kept of a council in one documented file, and books made from one.

Fed by every room; it has no tables of its own. Feeds whoever takes a council's data elsewhere.
"""
