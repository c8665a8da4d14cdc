"""The wing that computes: plain records in, lines and findings out.

Nothing here opens a file, asks the time or knows a framework. `reference` holds the rules in plain
Python, obviously right; whatever is faster is held equal to it.
"""
