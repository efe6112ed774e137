"""Shipped designs and made-up comparisons of them, small enough to tell in a moment."""

import pytest

from txsim.report.view import View
from txsim.scenario import Scenario, load

from .made_up import Gain, MadeUp, made_up

GAINS = {
    "transport-aid": {
        "retained_365": Gain(0.048, 0.021, 0.075),
        "free_of_regular_use_365": Gain(0.025, 0.004, 0.046),
        "attendance": Gain(0.05, 0.03, 0.07),
        "cost_per_year": Gain(2000.0, 1500.0, 2600.0),
    },
    "case-management": {
        "retained_365": Gain(0.012, -0.004, 0.029, 700.0),
        "free_of_regular_use_365": Gain(-0.02, -0.034, -0.006),
        "cost_per_year": Gain(-11_000.0, -12_000.0, -10_000.0),
    },
    "peer-groups": {"retained_365": Gain(0.006, -0.02, 0.031)},
    "all-three": {"retained_365": Gain(0.081, 0.045, 0.118)},
}


@pytest.fixture(scope="session")
def baseline() -> Scenario:
    """The shipped baseline with the figures that tests speak of settled here."""
    return load("baseline").with_changes(
        name="baseline",
        arrivals={"per_week": 9.0},
        clinic={
            "places": 320,
            "caseload_at_start": 0.95,
            "open_days": ["mon", "tue", "wed", "thu", "fri", "sat"],
            "waiting_list": {"interim_dosing": False, "same_day_start": 0.0},
            "fees": {"per_day": 0.0},
        },
        staff={
            "counsellor": {"posts": 7.0, "caseload": 50.0},
            "nurse": {"posts": 3.0},
            "peer_worker": {"posts": 0.0},
            "therapist": {"posts": 0.0},
            "driver": {"posts": 0.0},
        },
        medication={"assign": {"methadone": 0.65, "buprenorphine": 0.35}},
        plan={"policy": "generic"},
        rules={"discharge_after_missed_days": 30, "positive_urines_in_a_row": 0},
        services={
            "individual_counselling": {"offered": True, "minutes": 45.0},
            "therapy_group": {"offered": True},
            "transport_aid": {"offered": False},
            "cbt": {"offered": False},
        },
    )


@pytest.fixture(scope="session")
def five() -> MadeUp:
    names = ("baseline", "transport-aid", "case-management", "peer-groups", "all-three")
    return made_up([load(name) for name in names], GAINS, notes=["One thing to know."])


@pytest.fixture(scope="session")
def two(five: MadeUp) -> MadeUp:
    return made_up(five.designs[:2], GAINS)


@pytest.fixture(scope="session")
def alone(baseline: Scenario) -> MadeUp:
    return made_up([baseline])


@pytest.fixture(scope="session")
def unpaired(baseline: Scenario) -> MadeUp:
    gains = {"rural-clinic": {"retained_365": Gain(0.2, 0.1, 0.3)}}
    differs = {"rural-clinic": ("how many ask", "the distance to the clinic")}
    return made_up([baseline, load("rural-clinic")], gains, other_people=differs)


@pytest.fixture(scope="session")
def partly(baseline: Scenario) -> MadeUp:
    """A design with the first one's people, and one that is asked by others."""
    gains = {
        "case-management": {"retained_365": Gain(0.06, 0.02, 0.1)},
        "rural-clinic": {"retained_365": Gain(0.2, 0.1, 0.3)},
    }
    differs = {"rural-clinic": ("the distance to the clinic",)}
    designs = [baseline, load("case-management"), load("rural-clinic")]
    return made_up(designs, gains, other_people=differs)


@pytest.fixture
def view(five: MadeUp) -> View:
    return View(five)
