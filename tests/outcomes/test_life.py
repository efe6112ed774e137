"""Home and work are shares of the Mondays on which people were followed and alive."""

import pytest

from txsim.outcomes import measure

from .made_runs import Person, make_run

HOUSED = {
    "mondays": 8, "mondays_with_home": 8, "mondays_without_home": 0, "mondays_at_work": 2,
}  # fmt: skip
UNHOUSED = {
    "mondays": 2, "mondays_with_home": 0, "mondays_without_home": 1, "mondays_at_work": 0,
}  # fmt: skip


def test_each_monday_counts_once_whosever_it_is() -> None:
    found = measure(
        make_run(
            [
                Person("w" * 5 + "t" * 60, fields=HOUSED),
                Person("w" * 4 + "j" * 7 + "x" * 60, fields=UNHOUSED),
            ]
        )
    )

    assert found.value("with_a_home") == pytest.approx(8 / 10)
    assert found.value("without_a_home") == pytest.approx(1 / 10)
    assert found.value("at_work") == pytest.approx(2 / 10)
    assert found.value("days_in_jail") == pytest.approx(7 / 2)


def test_symptoms_are_of_those_who_have_a_diagnosis() -> None:
    """Two people of four Mondays each; the one without a diagnosis does not count."""
    four = {"mondays": 4, "symptoms": 2.0}
    found = measure(
        make_run(
            [
                Person("w" * 5 + "t" * 60, fields=four, features=("depression",)),
                Person("w" * 5 + "t" * 60, fields={"mondays": 4}),
            ]
        )
    )

    assert found.value("symptoms") == pytest.approx(0.5)


def test_a_barrier_is_no_diagnosis() -> None:
    """Somebody who has a barrier, whatever its place beside the diagnoses, has no symptoms."""
    barriers = ("transport", "money", "housing", "schedule")
    found = measure(
        make_run(
            [
                Person(
                    "w" * 5 + "t" * 60,
                    fields={"mondays": 4, "symptoms": 2.0},
                    features=("depression",),
                ),
                Person("w" * 5 + "t" * 60, fields={"mondays": 4}, features=barriers),
            ]
        )
    )

    assert found.value("symptoms") == pytest.approx(0.5)
