"""The commands that work on a council's books. Django is imported when one of them runs, not before."""
