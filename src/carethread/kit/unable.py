"""What a person cannot do now, as opposed to findings (data) and bugs."""


class UnableTo(Exception):
    """A person cannot do this now; the text says why, and what to do, fit for that person."""
