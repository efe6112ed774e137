"""Days of a second substance, and its urines, are shares of what was counted for who uses one."""

import pytest

from txsim.outcomes import measure

from .made_runs import Person, make_run

USES = {
    "second_substance": 0, "second_days_used": 12, "second_urines": 8, "second_urines_positive": 5,
}  # fmt: skip


def test_urines_and_days_are_of_those_who_use_a_second_substance() -> None:
    """Fifty-five days in care with twelve of use; the person without one does not count."""
    found = measure(
        make_run(
            [
                Person("w" * 5 + "t" * 60 + "x" * 60, fields=USES),
                Person("w" * 5 + "t" * 60 + "x" * 60, fields={}),
            ]
        )
    )

    assert found.value("second_urines_positive") == pytest.approx(5 / 8)
    assert found.value("second_days_used") == pytest.approx(12 / 55)
