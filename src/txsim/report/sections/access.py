"""Getting in: who has had a first dose, in the first month after asking."""

from txsim.report.over_time import OverTime, picture_over_time
from txsim.report.picture import Picture
from txsim.report.view import View

DAYS = 30


def show(view: View) -> tuple[str, Picture | None]:
    """Return the picture of people who have had their first dose."""
    return "Getting in", picture_over_time(
        view,
        view.comparison.curves,
        OverTime(
            name="waiting",
            curve="first dose",
            outcome=f"first_dose_within_{DAYS}_days",
            heading="People of 100 who have had a first dose",
            sentence=f"{{people}} of 100 have had a first dose or session {DAYS} days after asking",
            more_means="More people begun\nwithin 30 days",
            days=(1, 7, 14, 21, DAYS),
        ),
    )
