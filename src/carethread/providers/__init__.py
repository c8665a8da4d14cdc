"""Providers: who gives care, on what dated terms and at what dated rates.

Fed by contract managers. Feeds orders, and the settlement's prices.
"""
