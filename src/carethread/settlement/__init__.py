"""Settlement: runs over a period, their lines and findings, people's decisions, differences.

Stands on orders and visits. Feeds invoices and payments.
"""
