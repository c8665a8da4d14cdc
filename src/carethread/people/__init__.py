"""People: those who receive care.

Fed by the case-management system and by hand. Feeds orders and everything after.
"""
