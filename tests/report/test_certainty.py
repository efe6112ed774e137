"""Where the uncertainty comes from is said in parts of 100, the largest first."""

import pandas as pd

from txsim.report.page import html
from txsim.report.sections import certainty
from txsim.report.view import View

from .made_up import MadeUp


def test_parts_are_told_for_the_first_design_and_for_differences(two: MadeUp) -> None:
    columns = ["scenario", "baseline", "outcome", "unit", "year_sd", "chance", "parameters"]
    rows = [
        ("baseline", "", "retained_365", "proportion", 0.06, 0.30, 0.5),
        ("transport-aid", "", "retained_365", "proportion", 0.06, 0.30, 0.5),
        ("transport-aid", "baseline", "retained_365", "proportion", 0.03, 0.999, 0.001),
    ]
    # As tables have them, design by design; each difference is told behind its own figure.
    free = View(two).free_of_regular_use
    rows.insert(1, ("baseline", "", free, "proportion", 0.06, 1.0, 0.0))
    table = pd.DataFrame(rows, columns=columns)
    table["clinic"] = 1.0 - table["chance"] - table["parameters"]
    made = MadeUp(**{**vars(two), "variance": table})
    found = certainty.show(View(made))
    assert found is not None
    assert found["sentences"] == [
        "Still in care a year later: of 100 parts of what is uncertain about one year, 50 are what "
        "is not known about effects and people, 30 the luck of one year and 20 how much this "
        "clinic's people leave and use.",
        "The difference that Transport aid makes to it: of 100 parts of what is uncertain about "
        "one year, 100 are the luck of one year.",
        "Alive and free of regular use a year later: of 100 parts of what is uncertain about one "
        "year, 100 are the luck of one year.",
    ]
    assert "Where the uncertainty comes from" in html(made)


def test_without_draws_the_section_is_left_out(two: MadeUp) -> None:
    without = MadeUp(**{**vars(two), "variance": two.variance.iloc[:0]})
    assert certainty.show(View(without)) is None
    assert "Where the uncertainty comes from" not in html(without)
