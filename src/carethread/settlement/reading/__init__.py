"""A council's books for some days as a settlement folder, read at one instant.

See docs/decisions/0009 for what is read, and why its lines are those of the whole books.
"""
