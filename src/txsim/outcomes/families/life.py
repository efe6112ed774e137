"""How people live: home, work and psychiatric symptoms, looked at on every Monday of follow-up."""

from __future__ import annotations

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Array, Shares, outcome
from txsim.state.events import JAILED

FAMILY = "home and work"


def _of_mondays(people: Followed, field: str) -> Shares:
    counted = people.patients[field].astype(float)
    return Shares(counted, people.patients["mondays"].astype(float))


@outcome(
    "with_a_home",
    label="Time with a home",
    unit="proportion",
    better="higher",
    definition="Share of the Mondays of follow-up, while alive, on which people live in stable "
    "housing or in one of the programme's beds; jail is none.",
    family=FAMILY,
)
def with_a_home(people: Followed) -> Shares:
    """Mondays with a home over Mondays alive."""
    return _of_mondays(people, "mondays_with_home")


@outcome(
    "without_a_home",
    label="Time without any home",
    unit="proportion",
    better="lower",
    definition="Share of the Mondays of follow-up, while alive, on which people have no home and "
    "are not in jail or in one of the programme's beds.",
    family=FAMILY,
)
def without_a_home(people: Followed) -> Shares:
    """Mondays without a home over Mondays alive."""
    return _of_mondays(people, "mondays_without_home")


@outcome(
    "at_work",
    label="Time at work",
    unit="proportion",
    better="higher",
    definition="Share of the Mondays of follow-up, while alive, on which people are in work, or "
    "out of jail and not looking for any.",
    family=FAMILY,
)
def at_work(people: Followed) -> Shares:
    """Mondays at work over Mondays alive."""
    return _of_mondays(people, "mondays_at_work")


@outcome(
    "days_in_jail",
    label="Days in jail",
    unit="days",
    better="lower",
    definition="Days of follow-up spent in jail.",
    family=FAMILY,
)
def days_in_jail(people: Followed) -> Array:
    """Days in jail."""
    return np.asarray(how_many(people.status == JAILED).astype(float))


@outcome(
    "symptoms",
    label="Psychiatric symptoms",
    unit="sd units",
    better="lower",
    definition="Symptoms of people who have a psychiatric diagnosis, above (or below) the usual "
    "level of people with it, help by services included: the mean over their diagnoses and the "
    "Mondays of follow-up, while alive.",
    family="symptoms",
)
def symptoms(people: Followed) -> Shares:
    """Mean symptoms of those with a diagnosis."""
    catalogue = people.run.scenario.catalogue
    first = len(catalogue.traits)
    diagnoses = people.run.features[people.people, first : first + len(catalogue.diagnoses)]
    with_diagnosis = (diagnoses > 0).any(axis=1)
    mondays = people.patients["mondays"].astype(float)
    return Shares(people.patients["symptoms"], np.where(with_diagnosis, mondays, 0.0))
