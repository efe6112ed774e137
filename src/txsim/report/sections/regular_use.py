"""Relapse: who is alive and free of regular use, by days since asking."""

from txsim.formatting import capital
from txsim.outcomes.families.regular_use import NAME
from txsim.report.over_time import OverTime, marks, picture_over_time
from txsim.report.picture import Picture
from txsim.report.view import View
from txsim.state.events import FOUR_WEEKS


def show(view: View) -> tuple[str, Picture | None]:
    """Return the picture of people alive and free of regular use."""
    days, words = view.horizon
    return f"Relapse: {view.free}", picture_over_time(
        view,
        view.comparison.curves,
        OverTime(
            name="relapse",
            curve=NAME,
            outcome=view.free_of_regular_use,
            heading=f"People of 100 alive and {view.free}",
            sentence=f"{{people}} of 100 are alive and {view.free} {words} after asking",
            more_means="More people free\nat the end",
            days=tuple(day for day in marks(days) if day >= FOUR_WEEKS),
            note=f"{capital(view.free)} means that {view.what_free_means}; so the curve "
            "begins after four weeks. Whoever slips back and stops again counts as free again.",
        ),
    )
