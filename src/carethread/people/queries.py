"""Reads: who is known, and which records are likely one person's."""

from collections.abc import Sequence

from carethread.people.likeness import Known
from carethread.people.models import LikelySame, Likeness, Person


def people_to_compare() -> list[Known]:
    """Return what is known of everyone in the council in scope whose record was not disposed of."""
    columns = ("pk", "given_name", "family_name", "born_on", "postcode", "nhs_number")
    rows = Person.objects.filter(disposed_on=None).order_by("pk").values_list(*columns)
    return [
        Known(key, given, family, "" if born_on is None else born_on.isoformat(), postcode, nhs)
        for key, given, family, born_on, postcode, nhs in rows
    ]


def likely_same_records(*, all_of_them: bool = False) -> Sequence[LikelySame]:
    """Return the pairs nobody has decided of, or all, the likeliest first."""
    rows = LikelySame.objects.select_related("one", "other")
    if not all_of_them:
        rows = rows.filter(verdict=Likeness.OPEN.value)
    return list(rows.order_by("-probability_percent", "one__ref", "other__ref"))
