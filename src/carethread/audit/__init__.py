"""Audit: who did what, when and why, with what was there before and after. Never edited.

Fed by every action of every room. Feeds auditors, and subject access.
"""
