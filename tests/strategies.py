"""What Hypothesis searches: clinics of all kinds, small enough to be lived through in a moment."""

from __future__ import annotations

from datetime import time
from typing import Any

from hypothesis import strategies as st

from txsim.catalogue import load_catalogue
from txsim.scenario import Scenario, load

BASELINE = load("baseline")

ROLES = tuple(load_catalogue().roles)
ALWAYS_OFFERED = ("intake_assessment", "dosing", "medical_management")
SERVICES = tuple(name for name in load_catalogue().services if name not in ALWAYS_OFFERED)
MIXES = {
    "outpatient opioid programme": ("opioid",),
    "rural opioid programme": ("opioid",),
    "alcohol programme": ("alcohol",),
    "dual diagnosis programme": ("opioid", "alcohol"),
}
HOURS: tuple[dict[str, Any], ...] = (
    {},
    {"opens": time(8), "closes": time(10)},
    {"opens": time(22), "closes": time(6)},
    {"opens": time(0), "closes": "24:00"},
)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def shares_of_one() -> st.SearchStrategy[float]:
    return st.floats(0.0, 1.0).map(lambda share: round(share, 3))


def amounts(most: float) -> st.SearchStrategy[float]:
    return st.floats(0.0, most).map(lambda amount: round(amount, 2))


@st.composite
def assignments(draw: st.DrawFn, substances: tuple[str, ...]) -> Any:
    """One medication for each substance, two in halves, or the people's own choice."""
    if draw(st.integers(0, 4)) == 0:
        return "by preference"
    assigned: dict[str, float] = {}
    for substance in substances:
        names = [
            name for name, one in load_catalogue().medications.items() if one.substance == substance
        ]
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        assigned |= dict.fromkeys(chosen, 1.0 / len(chosen))
    return assigned


def stand_ins(role: str) -> st.SearchStrategy[list[str]]:
    """Nobody, or up to three other roles, staffed or not, that may stand in for a role."""
    others = st.sampled_from([name for name in ROLES if name != role])
    return st.lists(others, max_size=3, unique=True)


@st.composite
def own_services(draw: st.DrawFn) -> dict[str, Any]:
    """A service of the clinic's own, of any kind and anybody's or nobody's minutes."""
    kind = draw(st.sampled_from(("individual", "group", "support", "practice")))
    block: dict[str, Any] = {
        "label": "A service of its own",
        "kind": kind,
        "role": draw(st.sampled_from(("", *ROLES))),
        "minutes": draw(st.sampled_from((0.0, 5.0, 30.0, 90.0))),
        "every_days": draw(st.sampled_from((1.0, 3.5, 7.0, 30.0))),
        "phase": draw(st.sampled_from(("care", "start", "waiting", "aftercare"))),
        "priority": draw(st.integers(0, 1)),
        "required": draw(st.booleans()),
        "course_sessions": draw(st.sampled_from((0, 1, 4))),
        "uptake": draw(st.sampled_from((0.5, 1.0))),
        "raises": {"social_support": 0.2, "craving": -0.1},
        "offered": True,
        "source": "assumption",
    }
    if kind in ("individual", "group") and block["role"]:
        block["may_also"] = draw(stand_ins(block["role"]))
    if kind == "group":
        block["seats"] = draw(st.integers(1, 12))
        block["sessions_per_week"] = draw(st.sampled_from((0.0, 0.5, 3.0, 10.0)))
    if kind == "support":
        block["places"] = draw(st.integers(0, 8))
        block["houses"] = block["places"] > 0 and draw(st.booleans())
        block["expels_for_use"] = draw(st.sampled_from((0.0, 0.5))) if block["houses"] else 0.0
        block["cost_per_place_day"] = draw(st.sampled_from((0.0, 5.0)))
    budget = draw(st.sampled_from((None, 0.0, 200.0)))
    if budget is not None:
        block["budget_per_month"] = budget
    block["cost_per_session"] = draw(st.sampled_from((0.0, 5.0)))
    return block


@st.composite
def clinics(draw: st.DrawFn) -> Scenario:
    """A clinic of up to 50 places for up to seven weeks, understaffed or not, however it is run."""
    mix = draw(st.sampled_from(tuple(MIXES)))
    services: dict[str, Any] = {
        name: {"offered": True}
        for name in draw(st.lists(st.sampled_from(SERVICES), max_size=len(SERVICES), unique=True))
    }
    services["own"] = draw(own_services())
    if "transport_aid" in services:
        mode = draw(st.sampled_from(("van", "ride", "voucher", "telehealth")))
        services["transport_aid"]["mode"] = mode
    for name in ("therapy_group", "individual_counselling", "overdose_education_naloxone"):
        services.setdefault(name, {"offered": draw(st.booleans())})
    for name in ("therapy_group", "individual_counselling", "dosing"):
        role = load_catalogue().services[name].role
        services.setdefault(name, {})["may_also"] = draw(stand_ins(role))
    arrivals: dict[str, Any] = {"per_week": draw(amounts(9.0))}
    if draw(st.integers(0, 2)) == 0:
        arrivals = {"cohort": draw(st.integers(1, 40))}
    return BASELINE.with_changes(
        name="any",
        horizon={
            "days": draw(st.integers(1, 35)),
            "follow_up_days": draw(st.integers(1, 14)),
            "burn_in_days": draw(st.integers(0, 20)),
            "start": draw(st.sampled_from(("shared", "own steady state", "empty"))),
        },
        population={"mix": mix},
        arrivals=arrivals,
        clinic={
            "places": draw(st.integers(0, 50)),
            "caseload_at_start": draw(shares_of_one()),
            "capacity": draw(st.sampled_from(("hard", "elastic"))),
            "caseload_limit": draw(st.sampled_from(("kept", "exceeded"))),
            "overbooking_share": draw(st.sampled_from((0.0, 0.3))),
            "overtime_share": draw(st.sampled_from((0.0, 0.1, 0.5))),
            "open_days": draw(st.lists(st.sampled_from(WEEK), min_size=1, unique=True)),
            "hours": draw(st.sampled_from(HOURS)),
            "when_dosing_runs_short": draw(st.sampled_from(("overtime", "agency", "close intake"))),
            "fees": {"per_day": draw(st.sampled_from((0.0, 4.0, 40.0)))},
            "waiting_list": {
                "order": draw(st.sampled_from(("first come", "last come"))),
                "priority": draw(
                    st.lists(
                        st.sampled_from(("pregnant", "recent overdose", "jail release")),
                        unique=True,
                    )
                ),
                "interim_dosing": draw(st.booleans()),
                "same_day_start": draw(st.sampled_from((0.0, 0.5, 1.0))),
            },
        },
        staff={role: {"posts": draw(st.sampled_from((0.0, 0.2, 0.5, 1.0, 5.0)))} for role in ROLES},
        medication={
            "assign": draw(assignments(MIXES[mix])),
            "kept_in_jail": draw(st.sampled_from((0.0, 1.0))),
            "take_home": draw(st.sampled_from(tuple(load_catalogue().take_home))),
            "taper": draw(st.sampled_from(({}, {"from_day": 5, "days": 10}))),
            "dose": draw(st.sampled_from((1.0, 0.25, 2.0))),
        },
        plan={
            "policy": draw(st.sampled_from(("generic", "matched", "stepped"))),
            "review_every_days": draw(st.sampled_from((1, 7, 30))),
        },
        rules={
            "discharge_after_missed_days": draw(st.sampled_from((0, 3, 30))),
            "positive_urines_in_a_row": draw(st.sampled_from((0, 2))),
            "lose_take_home_after_positive_urines": draw(st.sampled_from((0, 1))),
            "missed_sessions_in_a_row": draw(st.sampled_from((0, 2))),
            "put_out_for_behaviour_per_year": draw(st.sampled_from((0.0, 2.0))),
            "reinduction_after_missed_days": draw(st.sampled_from((0, 3))),
            "telehealth_share": draw(st.sampled_from((0.0, 0.5))),
            "readmission_gap_days": draw(st.sampled_from((0, 10))),
        },
        services=services,
    )
