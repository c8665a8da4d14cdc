"""The same contract in columns, for councils and countries: the reference is its judge.

Numbers are arrays of int32, texts are bytes with offsets, and one compiled pass over each person's
orders and visits settles them. Everything here gives what `reference` gives, to the byte.
"""
