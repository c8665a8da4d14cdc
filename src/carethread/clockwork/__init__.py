"""Clockwork: everything that is done from time to time, by one process or several, each thing once.

Stands on nothing but the wall. Rooms register their timed deeds.
"""
