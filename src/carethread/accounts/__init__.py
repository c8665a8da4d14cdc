"""Accounts: the people and programs that use carethread, and their roles in each council.

Stands on councils and audit. Every write of every room names one of them.
"""
