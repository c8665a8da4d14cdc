"""Councils: whose books these are, and the clock of what changed in them.

Fed by nobody. Every room above stands on it.
"""
