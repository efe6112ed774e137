"""Plans matched to need: what they gain comes from serving need, and from nothing else.

One service acts on use, for people with depression only, and there is time for few: everybody is
otherwise alike, and nothing else acts on anybody.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.economics import cost_of_run
from txsim.parameters.services import needs_named
from txsim.run import Run, run
from txsim.scenario import load

from ..model.small_clinics import Array, cohort, compiled_only, without_differences

pytestmark = [pytest.mark.direction, compiled_only]

PEOPLE, DAYS, REPLICATIONS = 400, 240, 24
NEED, LOTTERY = "depression", "lottery"
TAILORED: dict[str, Any] = {
    "label": "Tailored",
    "source": "assumption",
    "offered": True,
    "role": "therapist",
    "minutes": 45.0,
    "every_days": 7.0,
    "uptake": 0.99,
    "quits": 0.0,
    "for": "assessed need",
    "indicated": {"diagnoses": [NEED]},
    "only_for": [NEED],
    "raises": {"coping_skill": 1.0},
}
"""A service of the clinic's own that needs a therapist's time."""


def plan(policy: str, sensitivity: float = 1.0, specificity: float = 1.0, **changes: Any) -> Any:
    """The clinic under a policy and an assessment; one therapist for four hundred people."""
    base = cohort(PEOPLE, DAYS)
    block = {
        "label": "A lot that was drawn", "opioid": 0.5, "alcohol": 0.5, "source": "assumption",
    }  # fmt: skip
    scenario = (
        base.with_changes(**without_differences(base))
        .with_changes(
            diagnoses={LOTTERY: block},
            population={"shares": {NEED: 0.4, LOTTERY: 0.4}},
            mediators={"coping_skill": {"effects": {"use": 0.2}, "ceiling": 5.0}},
            staff={"therapist": {"posts": 1.5, "turnover_per_year": 0.0}},
            services={"tailored": TAILORED},
            model={
                "assessment_sensitivity": sensitivity,
                "assessment_specificity": specificity,
                "alliance_per_session_kept": 0.0,
                "alliance_per_session_missed": 0.0,
            },
            mechanisms={"leave": False, "turnover": False},
            plan={"policy": policy},
            hazards={"return_to_care": {"opioid": 0.0}},
        )
    )  # fmt: skip
    return scenario.with_changes(name=policy, **changes)


@cache
def held(name: str) -> tuple[Run, ...]:
    """Replications of one of the clinics that are compared below."""
    blind = (0.4, 0.6)
    own: dict[str, Any] = {
        "generic": plan("generic"),
        "perfect": plan("matched"),
        "shipped": plan("matched", 0.75, 0.9),
        "blind": plan("matched", *blind),
        "by lot": plan("matched", services={"tailored": {"indicated": {"diagnoses": [LOTTERY]}}}),
        "for all, generic": plan("generic", services={"tailored": {"only_for": []}}),
        "for all, matched": plan("matched", services={"tailored": {"only_for": []}}),
    }
    return tuple(run(own[name], one, uncertainty=False) for one in range(REPLICATIONS))


def has(one: Run, name: str) -> Array:
    catalogue = one.scenario.catalogue
    return np.asarray(one.diagnoses[:, list(catalogue.diagnoses).index(name)] > 0)


def sessions(one: Run) -> Array:
    """Sessions of the service that each person received."""
    return np.asarray(one.received[:, list(one.scenario.catalogue.services).index("tailored")])


def days_used(name: str, *, need: bool | None = None) -> Array:
    """Share of days used in each replication, of people with the need, without it, or of all."""
    found = []
    for one in held(name):
        whom = np.ones(len(one.patients), bool) if need is None else has(one, NEED) == need
        found.append(((one.calendar[:, whom] & 16) > 0).mean())
    return np.array(found)


def gain(name: str, other: str, *, need: bool | None = None) -> tuple[float, float]:
    """Days used less under the first than under the second plan, and its standard error."""
    difference = days_used(other, need=need) - days_used(name, need=need)
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def share_for_need(name: str) -> float:
    """Share of the service's sessions that went to people who need it."""
    given = sum(sessions(one).sum() for one in held(name))
    return float(sum(sessions(one)[has(one, NEED)].sum() for one in held(name)) / given)


@pytest.mark.slow
def test_an_assessment_that_knows_nothing_serves_need_as_a_lot_would() -> None:
    """People are found to need the service at random, as often whether they do or not.

    Its sessions go to people in need as often as there are such people, and use is as it is when a
    lot decides; a gain of a tenth of that of perfect assessment would be found.
    """
    prevalence = np.mean([has(one, NEED).mean() for one in held("blind")])
    found, error = gain("blind", "by lot", need=True)
    full, _ = gain("perfect", "by lot", need=True)
    counts = [sum(sessions(one).sum() for one in held(name)) for name in ("blind", "by lot")]

    assert counts[0] == pytest.approx(counts[1], rel=0.05)
    assert share_for_need("blind") == pytest.approx(prevalence, abs=0.05)
    assert share_for_need("by lot") == pytest.approx(prevalence, abs=0.05)
    assert full > 0.015
    assert 3.0 * error < 0.1 * full
    assert abs(found) < 3.0 * error


@pytest.mark.slow
def test_the_better_the_assessment_the_more_need_is_served() -> None:
    names = ("generic", "shipped", "perfect")
    shares = [share_for_need(name) for name in names]
    used = [float(days_used(name, need=True).mean()) for name in names]

    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert used == sorted(used, reverse=True)
    for name in names[1:]:
        found, error = gain(name, "generic", need=True)
        assert found > 4.0 * error > 0.0


def test_who_does_not_need_it_loses_nothing_by_the_matching() -> None:
    """They lived the same days: the service did nothing for them."""
    generic, perfect = (days_used(name, need=False) for name in ("generic", "perfect"))

    assert (generic == perfect).all()


@pytest.mark.slow
def test_no_gain_is_left_where_the_service_acts_for_all_alike() -> None:
    """The same sessions, given to fewer people, do rather less: a dose has less left to build.

    A gain of a tenth of that of serving need would be found.
    """
    found, error = gain("for all, matched", "for all, generic")
    full, _ = gain("perfect", "generic")

    assert 3.0 * error < 0.1 * full
    assert found < 3.0 * error


def test_no_gain_is_left_where_everybody_has_the_need() -> None:
    """With perfect assessment it is the same clinic to the last event."""
    everybody = {"population": {"shares": {NEED: 1.0}}}
    generic, matched = (
        run(plan(policy, **everybody), uncertainty=False) for policy in ("generic", "matched")
    )

    assert generic.events.tobytes() == matched.events.tobytes()
    assert generic.calendar.tobytes() == matched.calendar.tobytes()
    assert sessions(generic).sum() == sessions(matched).sum() > 0


def test_with_services_of_no_effect_policies_differ_in_minutes_and_cost_only() -> None:
    """Who stands where, uses and is medicated is the same on every day of everybody's."""
    idle = {"services": {"tailored": {"raises": {"coping_skill": 0.0}, "cost_per_session": 20.0}}}
    # In replication 0 two policies happen to hold as many sessions of it, 973.
    runs = [
        run(plan(policy, **idle), 1, uncertainty=False)
        for policy in ("generic", "matched", "stepped")
    ]
    lives = {(one.calendar & ~np.uint8(128)).tobytes() for one in runs}
    therapist = list(runs[0].scenario.catalogue.roles).index("therapist")
    minutes = [float(one.roles["minutes_used"][therapist]) for one in runs]
    costs = [cost_of_run(one).total for one in runs]

    assert len(lives) == 1
    assert len(set(costs)) == 3
    assert len(set(minutes)) > 1


def test_the_shipped_plan_has_the_baseline_s_staff_and_gives_by_need() -> None:
    baseline, matched = load("baseline"), load("matched-plan")
    new = {
        name
        for name, one in matched.catalogue.services.items()
        if one.offered and not baseline.catalogue.services[name].offered
    }

    assert matched.staff == baseline.staff
    assert matched.plan.policy == "matched"
    assert len(new) >= 3
    assert all(needs_named(matched.catalogue.services[name]) for name in new)
