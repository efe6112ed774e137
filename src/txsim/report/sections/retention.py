"""Staying in care, by days since asking."""

from collections.abc import Mapping

from txsim.outcomes.registry import RETENTION
from txsim.report.over_time import OverTime, marks, picture_over_time
from txsim.report.view import View

NOTE = (
    "The designs share their parameter sets, so their bands may overlap while the difference is "
    "clear: the differences, not the bands, are what to compare."
)


def show(view: View) -> Mapping[str, object] | None:
    """Return the picture of people still in care."""
    days, words = view.horizon
    picture = picture_over_time(
        view,
        view.comparison.retention.rename(columns={"definition": "curve"}),
        OverTime(
            name="staying",
            curve=RETENTION[0],
            outcome=view.retained,
            heading="People of 100 who asked that are in care",
            sentence=f"{{people}} of 100 people who asked for treatment are in care {words} later",
            more_means="More people in care\nat the end",
            days=marks(days),
            note=NOTE if view.paired else "",
        ),
    )
    return {"picture": picture} if picture else None
