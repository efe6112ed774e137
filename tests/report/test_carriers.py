"""Numbers behind the answer are named where they can be told from chance, and only there."""

import pandas as pd

from txsim.compare.carriers import COLUMNS, SURE
from txsim.report.page import html
from txsim.report.sections import carriers
from txsim.report.view import View

from .made_up import MadeUp


def with_chances(two: MadeUp, *chances: float) -> MadeUp:
    """Two designs, and numbers behind staying in care that are so likely to be chance."""
    rows = [
        ("transport-aid", "baseline", "retained_365", rank, f"model.{rank}", f"Number {rank}", "C",
         -0.8, chance, 10)
        for rank, chance in enumerate(chances, 1)
    ]  # fmt: skip
    return MadeUp(**{**vars(two), "carriers": pd.DataFrame(rows, columns=list(COLUMNS))})


def test_what_chance_would_show_is_not_named(two: MadeUp) -> None:
    made = with_chances(two, SURE / 2, 0.5)
    found = carriers.show(View(made))

    assert found is not None
    (figure,) = found["figures"]
    assert [one.words for one in figure.numbers] == ["Number 1"]
    assert figure.numbers[0].goes_with == "a difference further down"
    assert "Number 1" in html(made)
    assert "Number 2" not in html(made)


def test_where_nothing_is_told_a_sentence_says_so(two: MadeUp) -> None:
    page = html(with_chances(two, 0.5, 0.9))

    assert "no number stands out from what chance would show" in page
    assert "Number 1" not in page
