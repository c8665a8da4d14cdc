"""Orders: what a council commissioned from one provider for one person, version by version.

Stands on people and providers. Feeds visits, and the settlement's plans.
"""
