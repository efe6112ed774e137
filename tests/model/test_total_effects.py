"""What whole runs show of figures that the model rests on: effects come out in full, and once.

Each of these was wrong once. Figures of START and X:BOT are aggregates of half of the patients
(Balise et al., CTN-0094).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.catalogue.strengths import Strengths
from txsim.catalogue.vocabulary import SYMPTOMS, Hazard
from txsim.clinic import Clinic
from txsim.errors import ScenarioError
from txsim.parameters.draw import CENTRE, PriorDraw
from txsim.reference import (
    paid_for_abstinence,
    positive_share,
    rate_of_leaving,
    reference_scenario,
    regime_rates,
    stays,
    survival,
)
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.state import calendar
from txsim.state.events import NEVER, Kind, Reason, Status, in_care

from ..conftest import Shown
from .small_clinics import Array, baseline, cohort, compiled_only, small

pytestmark = [pytest.mark.law, compiled_only]

ROOMY = {role: {"posts": 500.0, "turnover_per_year": 0.0} for role in ("counsellor", "nurse")}
ROOMY |= {"prescriber": ROOMY["nurse"], "driver": ROOMY["nurse"]}


def with_room(people: int, days: int, **changes: Any) -> Scenario:
    """A cohort of the baseline's people with room and staff for all."""
    return baseline().with_changes(
        name="with room",
        arrivals={"cohort": people},
        horizon={"days": days, "start": "empty"},
        clinic={"places": 3 * people},
        staff=ROOMY,
    ).with_changes(**changes)  # fmt: skip


def has(held: Run, feature: str) -> Array:
    """Whether each person has a trait, diagnosis or barrier."""
    catalogue = held.scenario.catalogue
    names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
    return np.asarray(held.features[:, names.index(feature)] > 0.0)


# --- the line and the door


def test_interim_doses_keep_people_in_line() -> None:
    """Of 400 people who wait 120 days for a place, a third are left; of those dosed, two thirds.

    Doses reach nine in ten, who leave as people on methadone and buprenorphine leave care.
    """
    shares = []
    for dosed in (False, True):
        clinic = Clinic(
            with_room(400, 120).with_changes(
                clinic={"places": 1, "waiting_list": {"interim_dosing": dosed}}
            )
        )
        clinic.run()
        clinic.close()
        shares.append(float((clinic.state.patients["status"] == Status.WAITING).mean()))

    assert shares[0] < 0.42
    assert shares[1] > 0.6


def test_rides_bring_people_to_the_intake() -> None:
    """Of 2000 who ask: more of those without transport come, and nobody else."""
    sure = {"assessment_sensitivity": 1.0, "assessment_specificity": 1.0}
    came = []
    for offered in (False, True):
        held = run(
            with_room(2000, 60, services={"transport_aid": {"offered": offered, "uptake": 1.0}},
                      model=sure),
            uncertainty=False,
        )  # fmt: skip
        admitted = held.patients["first_admitted_day"] != NEVER
        without = has(held, "transport")
        came.append((admitted[without].sum(), admitted[~without].sum()))

    assert came[1][0] > came[0][0] + 8
    assert came[1][1] == came[0][1]


def test_who_is_enrolled_is_in_care_from_the_first_day() -> None:
    """As people randomised in a trial: of those who only ask, about half never come to care."""
    shares = []
    for enrolled in (False, True):
        held = run(
            with_room(500, 40, arrivals={"cohort": 500, "enrolled": enrolled}), uncertainty=False
        )
        shares.append(float((held.patients["first_admitted_day"] == 0).mean()))

    assert shares[0] < 0.3
    assert shares[1] == 1.0
    with pytest.raises(ScenarioError, match="more people enrolled than treatment slots"):
        with_room(500, 40, arrivals={"cohort": 500, "enrolled": True}, clinic={"places": 400})


def test_a_fee_has_its_published_effect_on_leaving(shown: Shown) -> None:
    """Three dollars a day multiply leaving methadone in its middle phase by 1.15 cubed, 1.52.

    Some 500 exits a side: a ratio off by 0.12 would fail. Burdens of money weigh on who leaves.
    """
    rates = []
    for fee in (0.0, 3.0):
        scenario = reference_scenario("methadone", 3000, 200).with_changes(
            clinic={"fees": {"per_day": fee}}
        )
        held = run(scenario, seed=5, uncertainty=False)
        rates.append(rate_of_leaving(held, 31, 180))

    shown("leaving, fee of three dollars a day against none, ratio", 1.15**3, rates[1] / rates[0])
    assert rates[1] / rates[0] == pytest.approx(1.15**3, abs=0.12)


# --- use


@cache
def on(medication: str) -> Run:
    """The reference case mix on one medication; other luck than the solved numbers' own."""
    return run(reference_scenario(medication, 3000), seed=91, uncertainty=False)


@pytest.mark.parametrize("medication", ["methadone", "buprenorphine", "xr_naltrexone_opioid"])
def test_regular_use_begins_and_ends_in_care_as_fitted(medication: str, shown: Shown) -> None:
    """Rates a day within a quarter of those of the patients."""
    entry = baseline().catalogue.medications[medication]
    assert entry.regular_use_begins_in_care is not None
    assert entry.regular_use_ends_in_care is not None
    begins, ends = regime_rates(on(medication))
    for name, published, found in (
        ("begins", entry.regular_use_begins_in_care, begins),
        ("ends", entry.regular_use_ends_in_care, ends),
    ):
        shown(f"regular use {name} in care, per day, {medication}", published.value, found)

    assert begins == pytest.approx(entry.regular_use_begins_in_care.value, rel=0.25)
    assert ends == pytest.approx(entry.regular_use_ends_in_care.value, rel=0.25)


WEEKLY_POSITIVE = {
    "methadone": (
        0.60, 0.53, 0.52, 0.47, 0.48, 0.52, 0.49, 0.46, 0.43, 0.43, 0.41, 0.37, 0.38, 0.43, 0.38,
        0.34, 0.38, 0.34, 0.35, 0.33, 0.33, 0.27, 0.30,
    ),
    "buprenorphine": (
        0.44, 0.42, 0.38, 0.37, 0.34, 0.32, 0.40, 0.36, 0.37, 0.38, 0.41, 0.37, 0.36, 0.41, 0.43,
        0.37, 0.36, 0.33, 0.38, 0.33, 0.36, 0.30, 0.28,
    ),
}  # fmt: skip
"""Share of weekly urines positive for opioids, weeks 1 to 23 of START (half of the patients)."""


@pytest.mark.parametrize("medication", WEEKLY_POSITIVE)
def test_weekly_urines_are_those_of_the_trial(medication: str, shown: Shown) -> None:
    """Within 0.05 on average over the weeks, of people in care and dosed, as in the trial."""
    held = on(medication)
    start = held.patients["first_dose_day"]
    used, status = calendar.used(held.calendar), calendar.status_of(held.calendar)
    dosed = calendar.medicated(held.calendar)
    found = []
    for week in range(1, 24):
        days = start + 7 * week + 3
        people = np.flatnonzero((start != NEVER) & (days < len(used)))
        people = people[[in_care(int(status[days[i], i])) and dosed[days[i], i] for i in people]]
        positive = [used[days[i] - 2 : days[i] + 1, i].any() for i in people]
        found.append(float(np.mean(positive)))

    published = np.mean(WEEKLY_POSITIVE[medication])
    shown(f"weekly urines positive, {medication}, START", published, np.mean(found))
    assert np.abs(np.array(found) - WEEKLY_POSITIVE[medication]).mean() < 0.05


def test_who_comes_through_withdrawal_begins_out_of_regular_use() -> None:
    """A third goes on, and tolerance is half; of others nearly all are in regular use."""
    detoxified = {"outpatient opioid programme": {"detoxified_share": 0.5}}
    patients = Clinic(cohort(800, 5).with_changes(mixes=detoxified)).state.patients
    through = patients["detoxified"]

    assert patients["regular_use"][through].mean() == pytest.approx(0.33, abs=0.07)
    assert patients["regular_use"][~through].mean() > 0.95
    assert set(patients["tolerance"][through]) == {0.5}
    assert set(patients["tolerance"][~through]) == {1.0}


def test_paid_abstinence_shows_its_published_odds_ratio_of_samples(shown: Shown) -> None:
    """Positive weekly samples under contingency management, against none: odds ratio 0.43.

    1500 reference people on methadone; a ratio off by 0.05 would fail.
    """
    shares = []
    for offered in (False, True):
        scenario = paid_for_abstinence(1500, 150, offered)
        shares.append(positive_share(run(scenario, seed=3, uncertainty=False), 10, 84))
    odds = [share / (1.0 - share) for share in shares]

    shown("positive urines, contingency management, odds ratio", 0.43, odds[1] / odds[0])
    assert odds[1] / odds[0] == pytest.approx(0.43, abs=0.05)


# --- leaving and dying


def test_death_peaks_after_leaving(shown: Shown) -> None:
    """Deaths in the first four weeks out are 2.5 to 5 times those later out, and those later out
    1.5 to 3.5 times those in care.

    Published: 9.0 and 8.0 in weeks 1-2 and 3-4, 1.9 later, against in care after week 2 (Cornish).
    Some 80 deaths in those weeks.
    """
    years = dict.fromkeys(("in care", "just out", "later"), 0.0)
    deaths = dict.fromkeys(years, 0)
    for replication in range(7):
        held = run(
            with_room(6000, 500, medication={"assign": {"methadone": 1.0}}),
            replication,
            uncertainty=False,
        )
        status = calendar.status_of(held.calendar)
        here = (status >= Status.INDUCTION) & (status <= Status.AFTERCARE)
        out = np.isin(
            status,
            (Status.WAITING, Status.BOOKED, Status.COMPLETED, Status.DROPPED_OUT,
             Status.DISCHARGED, Status.LOST),
        )  # fmt: skip
        died, since = held.patients["died_day"], np.full(status.shape[1], -1)
        known = np.zeros(status.shape[1], bool)
        for day in range(status.shape[0] - 1):
            since = np.where(here[day], -1, np.where(out[day] & known, since + 1, since))
            known |= here[day]
            places = {
                "in care": here[day],
                "just out": out[day] & known & (since < 28),
                "later": out[day] & known & (since >= 28),
            }
            for name, people in places.items():
                years[name] += people.sum() / 365.0
                deaths[name] += int((people & (died == day + 1)).sum())
    rates = {name: deaths[name] / years[name] for name in years}

    shown(
        "deaths in weeks 1-4 out of care against in care, ratio",
        8.5,
        rates["just out"] / rates["in care"],
    )
    shown("deaths later out against in care, ratio", 1.9, rates["later"] / rates["in care"])
    assert deaths["just out"] > 60
    assert 2.5 < rates["just out"] / rates["later"] < 5.0
    assert 1.5 < rates["later"] / rates["in care"] < 3.5


def test_exits_are_of_several_kinds(shown: Shown) -> None:
    """Half of first exits from the baseline are dropping out; the clinic ends some itself.

    Published discharges from methadone: 44 in 100 drop out, 17 are transferred, 13 are put out by
    the clinic, 12 complete.
    """
    reasons = np.concatenate(
        [
            held.patients["exit_reason"][held.patients["exit_day"] >= 0]
            for held in (run(baseline(), one, uncertainty=False) for one in range(3))
        ]
    )
    shares = np.bincount(reasons, minlength=12) / reasons.size

    put_out = shares[[Reason.MISSED_DAYS, Reason.BEHAVIOUR]].sum()

    for name, published, found in (
        ("dropping out", 0.443, shares[Reason.DROPPED_OUT]),
        ("transfer", 0.175, shares[Reason.TRANSFERRED]),
        ("discharge by the clinic", 0.129, put_out),
        ("completion", 0.121, shares[Reason.COMPLETED]),
    ):
        shown(f"first exits from the baseline, {name}", published, found)
    assert 0.44 < shares[Reason.DROPPED_OUT] < 0.56
    assert 0.09 < put_out < 0.16
    assert 0.06 < shares[Reason.TRANSFERRED] < 0.2
    assert 0.05 < shares[Reason.COMPLETED] < 0.2


def test_people_present_on_methadone_stay_as_long_stayers_do(shown: Shown) -> None:
    """Of those in care on day 0 some 80 in 100 are in their stay a year later (published 0.82)."""
    scenario = baseline().with_changes(
        medication={"assign": {"methadone": 1.0}}, horizon={"days": 365, "burn_in_days": 0}
    )
    stay = []
    for replication in range(3):
        held = run(scenario, replication, uncertainty=False)
        present = held.patients["present_at_start"]
        left = (held.patients["exit_day"] >= 0) & (held.patients["exit_day"] < 365)
        stay.append(float((~left)[present].mean()))

    shown("present on methadone, in care a year later", 0.82, np.mean(stay))
    assert np.mean(stay) == pytest.approx(0.8, abs=0.05)


def test_sent_by_a_court_people_leave_sooner() -> None:
    """Published odds of staying six months 0.55; on methadone, so far as dropping out goes."""
    left = []
    for court in (0.0, 1.0):
        scenario = reference_scenario("methadone", 1500, 200).with_changes(
            arrivals={"streams": {"self": 1.0 - court, "court": court}}
        )
        held = run(scenario, seed=4, uncertainty=False)
        left.append(float((held.patients["exit_day"] != NEVER).mean()))

    assert left[1] > left[0] + 0.02


def test_fentanyl_makes_induction_fail_more_often() -> None:
    """Odds of coming through of a half, in 1500 people on buprenorphine."""
    failed = []
    for share in (0.0, 1.0):
        held = run(
            with_room(1500, 40, medication={"assign": {"buprenorphine": 1.0}},
                      population={"shares": {"fentanyl": share}}),
            uncertainty=False,
        )  # fmt: skip
        kinds = held.events["kind"]
        ended = (kinds == Kind.INDUCTION_FAILED).sum()
        failed.append(ended / (ended + (kinds == Kind.FIRST_DOSE).sum()))

    assert failed[0] < 0.16
    assert failed[1] > failed[0] + 0.04


@pytest.mark.parametrize("medication", ["methadone", "buprenorphine"])
def test_fentanyl_means_more_use_and_little_more_leaving(medication: str, shown: Shown) -> None:
    """Odds of positive urines in care 1.4 to 2.2 times those of others (1.8 is meant).

    Leaving follows through regular use: 1.05 to 1.4 times as often within half a year, where
    published cohorts found 0.84 and 1.28. Some 600 to 1000 exits a side.
    """
    positive, stayed = [], []
    for share in (0.0, 1.0):
        scenario = reference_scenario(medication, 3000).with_changes(
            population={"shares": {"fentanyl": share}}
        )
        held = run(scenario, seed=3, uncertainty=False)
        durations, left = stays(held, list(scenario.catalogue.medications).index(medication))
        positive.append(positive_share(held))
        stayed.append(survival(durations, left, 180))
    odds = [share / (1.0 - share) for share in positive]

    shown(f"positive urines, fentanyl, odds ratio, {medication}", 1.8, odds[1] / odds[0])
    assert 1.4 < odds[1] / odds[0] < 2.2
    assert 1.05 < np.log(stayed[1]) / np.log(stayed[0]) < 1.4


def test_us_programmes_of_2023_keep_as_many_as_published(shown: Shown) -> None:
    """The median programme keeps 61, 42 and 28 in 100 at 30, 90 and 180 days; within 4."""
    mix = "US opioid programme 2023"
    scenario = reference_scenario("methadone", 3000).with_changes(
        population={"mix": mix, "shares": {"fentanyl": 0.75}}
    )
    held = run(scenario, seed=8, uncertainty=False)
    durations, left = stays(held, list(scenario.catalogue.medications).index("methadone"))
    kept = [survival(durations, left, day) for day in (30, 90, 180)]

    for day, published, found in zip((30, 90, 180), (0.61, 0.415, 0.275), kept, strict=True):
        shown(f"in care after {day} days, US programmes of 2023", published, found)
    assert kept == pytest.approx([0.61, 0.415, 0.275], abs=0.04)


def test_after_a_taper_visits_go_on_and_nobody_is_discharged_for_missing_none() -> None:
    """Buprenorphine tapered in the second month, discharge after 30 days without contact."""
    scenario = with_room(
        300, 150,
        medication={"assign": {"buprenorphine": 1.0}, "taper": {"from_day": 20, "days": 20}},
        rules={"discharge_after_missed_days": 30},
        services={key: {"offered": False} for key in ("individual_counselling", "therapy_group")},
    )  # fmt: skip
    held = run(scenario, uncertainty=False)
    reasons = held.patients["exit_reason"][held.patients["exit_day"] != NEVER]
    visited = (held.calendar[80:] & 128) > 0
    cared_for = (calendar.status_of(held.calendar)[80:] >= Status.INDUCTION) & (
        calendar.status_of(held.calendar)[80:] <= Status.AFTERCARE
    )

    assert (reasons == Reason.MISSED_DAYS).sum() < 0.2 * reasons.size
    assert visited[cared_for].mean() > 0.02


# --- services


@pytest.mark.parametrize("service", ["case_management", "peer_group", "cbt"])
def test_every_draw_of_a_service_has_its_drawn_effect(service: str) -> None:
    """Whatever its mediator can carry: what is left acts on the hazard itself."""
    catalogue = baseline().catalogue
    entry = catalogue.services[service]
    filled = 0
    for number in range(60):
        draw = PriorDraw(3, number)
        strengths = Strengths(catalogue, draw)
        dose = strengths.reference_dose(service, entry)
        shift = [0.0] * len(Hazard)
        for one in strengths.carried(service, entry):
            if one.driver:
                assert abs(one.gain) <= strengths.ceiling(one.driver) * (1.0 + 1e-6)
                effects = strengths.effects(one.driver)
            else:
                filled += 1
                effects = [1.0 if h == Hazard.named(one.target) else 0.0 for h in Hazard]
            shift = [x + dose * one.gain * by for x, by in zip(shift, effects, strict=True)]
        for target, published in entry.targets.items():
            drawn = draw.effect(f"services.{service}.targets.{target}", published)
            found = shift[Hazard.named(target)]
            if target == "use":
                found = strengths.on_methadone.log_odds_ratio(shift)
            assert found == pytest.approx(drawn, abs=1e-6)
    assert filled > 0 or service == "cbt"


def test_symptoms_are_eased_in_those_who_have_the_diagnosis_alone() -> None:
    """Medication for anxiety, ADHD, bipolar disorder and psychosis, for one who has anxiety."""
    clinic = Clinic(
        small().with_changes(services={"other_psychiatric_medication": {"offered": True}})
    )
    state = clinic.state.plain()
    names = clinic.parameters.driver_names
    s = clinic.parameters.service_names.index("other_psychiatric_medication")
    diagnoses = list(clinic.design.catalogue.diagnoses)
    first = int(state.scalars[0].first_diagnosis)
    state.has[0, first : first + len(diagnoses)] = 0
    state.has[0, first + diagnoses.index("anxiety")] = 1
    state.patients[0].agenda_length, state.agenda[0, 0] = 1, s
    state.level[0, s], state.plan[0, s] = 1.0, 1
    from txsim.rules.linear_predictor import HELP, add_up_help

    add_up_help(state, 0)
    clinic.close()
    eased = {
        name for j, name in enumerate(names) if name.startswith(SYMPTOMS) and state.felt[HELP, j]
    }

    assert eased == {f"{SYMPTOMS}anxiety"}


def test_care_elsewhere_is_reached_half_as_often_as_in_the_house() -> None:
    """Of those offered it, who take it up and keep the first visit: 36 in 100 against 70."""
    entry, model = (
        baseline().catalogue.services["psychiatric_medication"],
        baseline().catalogue.model,
    )
    kept = entry.attendance.value
    odds = kept / (1.0 - kept) * model["second_site"].value
    ratio = entry.modes["referred"].factor.value * odds / (1.0 + odds) / kept

    assert ratio == pytest.approx(0.36 / 0.7, abs=0.03)


def test_dbt_spares_crises() -> None:
    """Of people with borderline personality disorder, by its effect on symptoms: a third fewer."""
    catalogue = baseline().catalogue
    strengths = Strengths(catalogue, CENTRE)
    name = f"{SYMPTOMS}borderline_personality_disorder"
    (gain,) = (
        one.gain
        for one in strengths.channels("dbt", catalogue.services["dbt"])
        if one.driver == name
    )
    dose = strengths.reference_dose("dbt", catalogue.services["dbt"])
    ratio = catalogue.model["crisis_symptoms"].value ** (gain * dose)

    assert ratio == pytest.approx(0.66, abs=0.03)


def test_a_need_that_was_missed_may_be_found_in_another_stay() -> None:
    """The assessment of a person's needs differs between asking and being admitted."""
    scenario = with_room(
        600, 30,
        services={"employment_help": {"offered": True, "uptake": 1.0, "phase": "start"}},
        model={"assessment_sensitivity": 0.5, "assessment_specificity": 1.0},
        plan={"policy": "matched"},
    )  # fmt: skip
    held = run(scenario, uncertainty=False)
    number = list(scenario.catalogue.services).index("employment_help")
    taken = held.events[
        (held.events["kind"] == Kind.TOOK_UP_SERVICE) & (held.events["detail"] == number)
    ]
    admitted = {
        int(person): int(day)
        for person, day in zip(
            held.patients["person"], held.patients["first_admitted_day"], strict=True
        )
    }
    asked = {int(p): int(d) for p, d in zip(taken["person"], taken["day"], strict=True)}
    later = sum(day == admitted[person] > 0 for person, day in asked.items())

    assert later > 8


def test_a_mean_age_below_the_least_is_refused() -> None:
    with pytest.raises(ScenarioError, match="age_mean"):
        baseline().with_changes(mixes={"outpatient opioid programme": {"age_mean": 16.5}})
