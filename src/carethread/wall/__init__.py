"""The wall between councils: whose rows are whose, held by the managers and by the database.

Every room is built on it; it knows none of them.
"""
