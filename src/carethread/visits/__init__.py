"""Visits: what providers recorded and claimed, every version as it came; and their rotas.

Fed by imports and feeds. Feeds the settlement.
"""
