"""A settlement as one page that explains itself: figures, charts with their tables, what to look at.

`figures` counts in one pass over the published tables, `charts` lays out bars, `page` renders.
"""
