"""What a trial needs: how people begin, trial care, sites, and arms of other people.

Figures of START and X:BOT are aggregates of half of the patients (Balise et al., CTN-0094).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.catalogue.draw import CentralValues
from txsim.catalogue.vocabulary import Hazard
from txsim.clinic import Clinic
from txsim.clinic.lineage import lived
from txsim.compare.who_asks import Asking
from txsim.economics import cost_of_run
from txsim.errors import ScenarioError, TxsimError
from txsim.explain import explain
from txsim.outcomes.families.use import weekly_urines
from txsim.outcomes.follow_up import Followed
from txsim.parameters.draw import PriorDraw
from txsim.parameters.draw_table import CLINIC_USE
from txsim.run import Run, record, run
from txsim.scenario import Scenario
from txsim.state.events import NEVER, Kind

from .small_clinics import Array, baseline, bytes_of, compiled_only, field_bytes

pytestmark = [pytest.mark.law, compiled_only]

OUTPATIENTS, INPATIENTS = "trial outpatients, opioids", "trial inpatients, opioids"


def arm(mix: str, medication: str, people: int = 900, days: int = 170, **changes: Any) -> Scenario:
    """An arm of a trial: everybody enrolled, on one medication, with room and staff for all."""
    steady = {"posts": 1000.0, "turnover_per_year": 0.0}
    return baseline().with_changes(
        name="arm",
        horizon={"days": days},
        population={"mix": mix},
        arrivals={"cohort": people, "enrolled": True},
        clinic={"places": people},
        staff={role: steady for role in ("counsellor", "nurse", "prescriber")},
        medication={"assign": {medication: 1.0}},
    ).with_changes(**changes)  # fmt: skip


def came(scenario: Scenario) -> Array:
    """The people of a cohort as they come."""
    clinic = Clinic(scenario, 0)
    clinic.close()
    return clinic.people.patients.copy()


def started(held: Run) -> Array:
    """Whether each person had a dose."""
    first = held.events[(held.events["kind"] == Kind.FIRST_DOSE) & (held.events["detail"] >= 0)]
    return np.isin(held.patients["person"], first["person"])


def kept(held: Run, day: int) -> Array:
    """Whether each person is in care, and has their medication, at the end of a day."""
    return Followed.who_asked(held).on_medication[:, day - 1]


# --- how people begin


def test_abstinent_days_lower_tolerance_and_end_regular_use() -> None:
    """A week without opioids, in which tolerance halves in ten days: withdrawal is over."""
    plain = arm(OUTPATIENTS, "methadone")
    people = came(plain)
    after = {days: came(plain.with_changes(arrivals={"abstinent_days": days})) for days in (3, 7)}

    assert people["regular_use"].mean() > 0.9
    assert not people["detoxified"].any()
    for days, found in after.items():
        assert found["tolerance"] == pytest.approx(0.5 ** (days / 10.0))
        assert found["regular_use"].mean() == pytest.approx(0.33, abs=0.06)
        assert (found["use_days_30"] <= 30 - days).all()
        assert found["detoxified"].all() == (days == 7)
        for name in ("key", "age", "severity", "frailty", "distance_km"):
            assert (found[name] == people[name]).all()


def test_drinkers_are_not_touched_by_days_without_opioids() -> None:
    plain = arm("alcohol programme", "acamprosate", people=50)
    later = plain.with_changes(name="later", arrivals={"abstinent_days": 7})

    assert field_bytes(came(plain)) == field_bytes(came(later))
    assert any(
        "abstinent_days: has no effect because nobody comes for opioids" in one
        for one in later.warnings
    )


def test_more_begin_an_antagonist_after_withdrawal() -> None:
    """0.63 of people who still use, 0.85 of detoxified ones, come through induction."""
    shares = []
    for days in (0, 7):
        scenario = arm(OUTPATIENTS, "xr_naltrexone_opioid", days=40)
        held = run(scenario.with_changes(arrivals={"abstinent_days": days}), uncertainty=False)
        shares.append(float(started(held).mean()))

    assert shares[0] == pytest.approx(0.626, abs=0.06)
    assert shares[1] == pytest.approx(0.85, abs=0.06)


@cache
def inpatients(days: int) -> Run:
    scenario = arm(INPATIENTS, "buprenorphine", people=2500, days=40)
    return run(scenario.with_changes(arrivals={"inpatient_days": days}), uncertainty=False)


def test_few_leave_the_unit_on_which_they_begin() -> None:
    """After a week 0.98 of those started in X:BOT had a dose later, after four weeks 0.83.

    As outpatients, from START, 0.88 and 0.78.
    """
    out, on_unit = inpatients(0), inpatients(7)
    first, later = (
        [float(kept(held, day)[started(held)].mean()) for held in (out, on_unit)] for day in (7, 28)
    )

    assert first[1] == pytest.approx(0.98, abs=0.02)
    assert first[1] > first[0] + 0.02
    assert later[1] == pytest.approx(0.83, abs=0.04)
    assert later[1] > later[0] + 0.02


def test_on_the_unit_no_visit_is_missed_and_little_is_used() -> None:
    days = [Followed.who_asked(inpatients(days)) for days in (0, 7)]
    used = [float(one.used[:, :7].mean()) for one in days]
    missed = [int(one.run.days["visits_booked"][:7].sum() - one.run.days["visits_kept"][:7].sum())
              for one in days]  # fmt: skip

    assert used[1] < 0.8 * used[0]
    assert missed[1] < 0.02 * missed[0]


def test_days_on_the_unit_are_counted_and_paid() -> None:
    held = inpatients(7)
    stayed = held.patients["inpatient_days"]
    price = held.scenario.catalogue.costs.inpatient_day.value
    given = held.scenario.with_changes(
        name="given", economics={"prices": {"costs.inpatient_day": 0.0}}
    )

    assert 6.5 < stayed.mean() < 7.0
    assert stayed.max() == 7
    spent = cost_of_run(held).services - cost_of_run(run(given, uncertainty=False)).services
    assert spent == pytest.approx(price * stayed.sum() * 365.0 / 40.0)
    assert inpatients(0).patients["inpatient_days"].sum() == 0


def test_the_unit_needs_people_who_are_enrolled() -> None:
    with pytest.raises(ScenarioError, match="set enrolled = true"):
        arm(INPATIENTS, "methadone", arrivals={"enrolled": False, "inpatient_days": 7})


# --- trial care


@cache
def trial(mix: str, medication: str, inpatient_days: int, care: str) -> Run:
    """An arm whose leavers do not come back: a trial has one stay a person."""
    scenario = arm(
        mix, medication, people=1500, clinic={"care": care}, rules={"readmission_gap_days": 365}
    )
    return run(
        scenario.with_changes(arrivals={"inpatient_days": inpatient_days}), uncertainty=False
    )


@pytest.mark.parametrize(
    ("mix", "medication", "inpatient_days", "of_all", "within"),
    [
        (OUTPATIENTS, "methadone", 0, 0.745, 0.04),
        (OUTPATIENTS, "buprenorphine", 0, 0.471, 0.05),
        (INPATIENTS, "buprenorphine", 7, 0.425, 0.08),
        (INPATIENTS, "xr_naltrexone_opioid", 7, 0.413, 0.05),
    ],
)
def test_trial_care_keeps_as_many_as_trials_did(
    mix: str, medication: str, inpatient_days: int, of_all: float, within: float
) -> None:
    """Of those randomised, who had their medication after 23 weeks."""
    found = float(kept(trial(mix, medication, inpatient_days, "trial"), 161).mean())

    assert found == pytest.approx(of_all, abs=within)


def test_trials_of_naltrexone_keep_far_more_than_routine_care() -> None:
    routine, trials = (
        float(kept(trial(INPATIENTS, "xr_naltrexone_opioid", 7, care), 161).mean())
        for care in ("routine", "trial")
    )

    assert routine < 0.2
    assert trials > routine + 0.2


def test_trial_care_that_nothing_is_known_of_is_told() -> None:
    plain = arm(OUTPATIENTS, "none_opioid", people=60, days=40)
    care = plain.with_changes(name="trial", clinic={"care": "trial"})

    assert any("clinic.care: has no effect because nobody is given" in one for one in care.warnings)
    assert bytes_of(run(plain, uncertainty=False)) == bytes_of(run(care, uncertainty=False))


# --- sites


CLINIC_USE_SD = load_catalogue().model["clinic_use_sd"].value


def clinic_of(scenario: Scenario, draw: int | None) -> Clinic:
    clinic = Clinic(scenario, 0, 1, None if draw is None else PriorDraw(1, draw))
    clinic.close()
    return clinic


def test_each_site_keeps_people_in_its_own_way() -> None:
    """People of a site share its effects; sites differ as clinics do, and stand in place of one."""
    eight = arm(OUTPATIENTS, "methadone", people=400, clinic={"sites": 8})
    means, effects, of_use = [], [], []
    for draw in range(12):
        clinic = clinic_of(eight, draw)
        people, table = clinic.people.patients, clinic.parameters.clinic_effects
        assert len(table) == 8
        here, base = table[people["site"]], clinic.parameters.base[people["substance"]]
        plain = clinic_of(eight.with_changes(clinic={"sites": 1}), draw)
        shared = plain.parameters.clinic_effects[0]
        gained = clinic.state.fixed[:, : base.shape[1]] - plain.state.fixed[:, : base.shape[1]]
        assert gained == pytest.approx(here - shared)
        effects += list(table[:, Hazard.DROPOUT])
        means.append(here[:, Hazard.DROPOUT].mean())
        begins, ends = table[:, Hazard.REGULAR_USE_BEGINS], table[:, Hazard.REGULAR_USE_ENDS]
        assert begins == pytest.approx(-ends)
        assert begins - ends == pytest.approx(table[:, Hazard.USE])
        of_use += list(table[:, Hazard.USE])

    assert np.std(effects) == pytest.approx(0.5, rel=0.25)
    assert np.std(of_use) == pytest.approx(CLINIC_USE_SD, rel=0.25)
    assert abs(np.corrcoef(effects, of_use)[0, 1]) < 0.25
    assert np.std(means) < 0.6 * np.std(effects)
    assert np.bincount(people["site"], minlength=8).min() > 25


def test_people_leave_sooner_where_their_site_has_them_leave() -> None:
    held = run(
        arm(OUTPATIENTS, "buprenorphine", people=2000, days=90, clinic={"sites": 2})
        .with_changes(model={"clinic_sd": 1.5}),
        0, 1, uncertainty=True,
    )  # fmt: skip
    people = held.patients
    table = clinic_of(held.scenario, held.draw).parameters.clinic_effects
    effects = table[:, Hazard.DROPOUT]
    left = [float((people["exit_day"][people["site"] == site] != NEVER).mean()) for site in (0, 1)]

    assert abs(effects[0] - effects[1]) > 0.3
    assert (left[0] - left[1]) * (effects[0] - effects[1]) > 0.0
    assert abs(left[0] - left[1]) > 0.05


class AtUse(CentralValues):
    """Central values, but for a clinic where more is used, or less."""

    def __init__(self, use: float):
        self.use, self.digest = use, f"where use is {use}"

    def deviate(self, path: str) -> float:
        return self.use if path == CLINIC_USE else 0.0


@pytest.mark.parametrize(("medication", "least", "most"), [
    ("methadone", 0.4, 0.65), ("buprenorphine", 0.35, 0.6), ("xr_naltrexone_opioid", 0.2, 0.5),
])  # fmt: skip
def test_urines_differ_from_clinic_to_clinic_as_over_the_sites_of_trials(
    medication: str, least: float, most: float
) -> None:
    """By site 0 to 0.7 in the log odds of a positive urine, 0.49 over four arms (CTN-0094)."""
    mix = INPATIENTS if medication == "xr_naltrexone_opioid" else OUTPATIENTS
    steady = arm(mix, medication, people=2500, clinic={"care": "trial"})
    odds = []
    for deviate in (-1.0, 1.0):
        clinic = Clinic(steady, draw=AtUse(deviate))
        clinic.run_until(steady.horizon.days)
        taken, positive = weekly_urines(Followed.who_asked(record(clinic)))
        share = positive[:, 1:].sum() / taken[:, 1:].sum()
        odds.append(np.log(share / (1.0 - share)))

    assert least < (odds[1] - odds[0]) / 2.0 < most


def test_one_site_is_the_clinic_and_an_open_clinic_has_none() -> None:
    plain = arm(OUTPATIENTS, "methadone", people=60)
    single = plain.with_changes(name="single", clinic={"sites": 1})
    open_clinic = baseline().with_changes(name="open", clinic={"sites": 8})

    assert clinic_of(single, 3).parameters.clinic_effects[0, Hazard.DROPOUT] != 0.0
    assert any(
        "clinic.sites: has no effect without a cohort" in one for one in open_clinic.warnings
    )
    assert open_clinic.digest != baseline().digest
    effects = [clinic_of(one, 3).parameters.clinic_effects for one in (baseline(), open_clinic)]
    assert effects[0].tobytes() == effects[1].tobytes()


def test_why_somebody_leaves_names_site_and_unit() -> None:
    scenario = arm(
        OUTPATIENTS, "methadone", people=20, days=20,
        arrivals={"inpatient_days": 9}, clinic={"sites": 3},
    )  # fmt: skip
    told = explain(scenario, 3, 4, "dropout", uncertainty=True)
    parts = {one.what: one.amount for one in told.rows}

    assert sum(parts.values()) == pytest.approx(told.total)
    assert parts["on the inpatient unit"] < 0.0
    assert parts["clinic effect"] != 0.0
    assert "site " in next(one.detail for one in told.rows if one.what == "clinic effect")
    used = explain(scenario, 3, 4, "use")
    assert "on the inpatient unit" in {one.what for one in used.rows}
    with pytest.raises(TxsimError, match="every visit is kept"):
        explain(scenario, 3, 4, "attendance")


# --- arms of other people


def test_arms_share_clinic_and_numbers_and_not_people() -> None:
    one = arm(OUTPATIENTS, "methadone", people=80, days=60)
    other = one.with_changes(name="b", population={"people": "arm B"}, arrivals={"cohort": 70})
    clinics = [clinic_of(scenario, 2) for scenario in (one, other)]
    keys = [set(clinic.people.patients["key"].tolist()) for clinic in clinics]

    assert not keys[0] & keys[1]
    assert len(keys[1]) == 70
    for name in ("scalars", "medications", "effects", "base"):
        tables = [getattr(clinic.parameters, name).tobytes() for clinic in clinics]
        assert tables[0] == tables[1], name
    assert clinics[0].state.staff["key"].tolist() == clinics[1].state.staff["key"].tolist()
    assert Asking([one, other]).differing(0, 1) == ("how many ask", "who they are")


def test_people_of_the_same_name_are_the_same() -> None:
    one = arm(OUTPATIENTS, "methadone", people=80, days=30, population={"people": "arm B"})
    other = one.with_changes(name="other", medication={"assign": {"buprenorphine": 1.0}})

    assert came(one)["key"].tolist() == came(other)["key"].tolist()
    assert Asking([one, other]).differing(0, 1) == ()


def test_the_people_of_an_open_clinic_may_be_others_too() -> None:
    """In a shared start those who are there on day 0 are the first design's."""
    first = baseline().with_changes(
        name="first", horizon={"days": 20, "follow_up_days": 10, "burn_in_days": 10},
        mechanisms={"past_patients": False},
    )  # fmt: skip
    other = first.with_changes(name="other", population={"people": "others"})
    one, two = (record(clinic) for clinic in lived([first, other], 0, 7, None))
    before = [held.patients["key"][held.patients["arrives"] < 0] for held in (one, two)]
    after = [
        set(held.patients["key"][held.patients["arrives"] >= 0].tolist()) for held in (one, two)
    ]

    assert before[0].tolist() == before[1].tolist()
    assert not after[0] & after[1]
