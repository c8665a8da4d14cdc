"""How fast carethread settles, and how rightly, beside the limit and beside other ways to do it."""
