"""The contract of matching, pay and reconciliation in plain records.

Read `pipeline` first: visits -> plan -> match -> drafts -> doubts -> minutes -> lines -> reconcile.
"""
