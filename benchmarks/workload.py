"""The scenarios on which is measured, for any number of people."""

from __future__ import annotations

from pathlib import Path

from txsim.scenario import Scenario, load

FROZEN = Path(__file__).resolve().parent / "frozen.toml"
PEOPLE = 300
"""How many people the places and posts of the frozen scenario are for."""
SMALL = (30, 7)
"""People and days of a run that only sees to it that everything is compiled or loaded."""


def frozen(people: int = PEOPLE, days: int = 365) -> Scenario:
    """The frozen scenario with so many people, and with places, posts and groups in proportion."""
    scenario = load(str(FROZEN))
    size = people / PEOPLE
    return scenario.with_changes(
        name=f"frozen, {people} people x {days} days",
        horizon={"days": days},
        arrivals={"cohort": people},
        clinic={"places": round(scenario.clinic.places * size)},
        staff={role: {"posts": section.posts * size} for role, section in scenario.staff.items()},
        services={
            "therapy_group": {
                "sessions_per_week": scenario.services["therapy_group"]["sessions_per_week"] * size
            }
        },
    )


def cohort(design: str, people: int, days: int) -> Scenario:
    """A shipped design, or a file, for so many people who all ask on the first day of an empty
    clinic."""
    return load(design).with_changes(
        name=f"{Path(design).stem}, {people} people x {days} days",
        horizon={"days": days, "start": "empty"},
        arrivals={"cohort": people},
    )
