"""A change moves an outcome the way it must.

Designs are compared on the same people under the same luck, so that a few replications are enough;
where people share nothing (room and staff for all), those whom a change does not concern live
exactly the same lives.
"""

from __future__ import annotations

from datetime import time
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.economics import cost_of_run
from txsim.outcomes.measure import measure
from txsim.run import Run, lived, record, run
from txsim.scenario import Scenario
from txsim.state.events import NEVER, Kind, Reason, Status

from .small_clinics import (
    Array,
    baseline,
    cohort,
    compiled_only,
    field_bytes,
    lived_through,
    lives_of,
    roomy,
    small,
)

pytestmark = [pytest.mark.direction, compiled_only]

STEADY = {role: {"turnover_per_year": 0.0} for role in ("counsellor", "nurse", "prescriber")}
MANY_OVERDOSES: dict[str, Any] = {"hazards": {"overdose": {"opioid": 0.8}}}
REPLICATIONS = 6


def runs_of(scenario: Scenario, replications: int = REPLICATIONS) -> list[Run]:
    return [run(scenario, one, uncertainty=False) for one in range(replications)]


def apart(**changes: Any) -> tuple[Run, Run]:
    """A hundred people without and with a change, where nobody touches anybody."""
    before = roomy().with_changes(
        arrivals={"per_week": 12.0}, staff=STEADY, model={"assessment_specificity": 1.0}
    )
    return run(before, uncertainty=False), run(before.with_changes(**changes), uncertainty=False)


def with_barrier(held: Run, name: str) -> Array:
    """Whether each person has a trait, diagnosis or barrier."""
    catalogue = held.scenario.catalogue
    names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
    return held.features[:, names.index(name)].astype(bool)


def untouched(before: Run, after: Run, people: Array) -> bool:
    """Whether these people (a mask) live the same lives in both runs."""
    numbers = before.patients["person"][people]
    return lives_of(before, numbers) == lives_of(after, numbers)


# --- queue and places


def days_waited(held: Run) -> float:
    """Mean days on the list of a person who asked, whatever became of it."""
    return float(held.days["waiting"].sum() / held.days["asking"].sum())


def test_more_counsellors_never_lengthen_the_mean_wait() -> None:
    """Intakes take an hour of a counsellor; places are no bottleneck."""
    waits = []
    for posts in (0.35, 0.7, 1.05, 3.0):
        scenario = small().with_changes(
            clinic={"places": 400, "caseload_at_start": 0.1},
            arrivals={"per_week": 12.0},
            staff={"counsellor": {"posts": posts}},
        )
        waits.append(np.mean([days_waited(one) for one in runs_of(scenario)]))

    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1] + 1.0


def test_more_places_admit_more() -> None:
    admitted = []
    for places in (0, 15, 40, 120):
        scenario = small().with_changes(
            horizon={"start": "empty"}, clinic={"places": places}, arrivals={"per_week": 10.0}
        )
        admitted.append(np.mean([one.days["admitted"].sum() for one in runs_of(scenario)]))

    assert admitted[0] == 0.0
    assert admitted == sorted(admitted)
    assert admitted[-1] > admitted[1] + 10.0


@pytest.mark.parametrize("role", ["counsellor", "nurse"])
def test_a_role_without_posts_gives_nothing(role: str) -> None:
    """Without counsellors nobody is assessed; without nurses an agency gives the doses."""
    held = run(small().with_changes(staff={role: {"posts": 0.0}}), uncertainty=False)
    names = list(held.scenario.catalogue.services)

    if role == "counsellor":
        assert held.days["admitted"].sum() == 0.0
        assert held.services[names.index("individual_counselling")]["kept"] == 0.0
    else:
        dosing = held.services[names.index("dosing")]
        assert dosing["kept"] == dosing["beyond_minutes"] > 0.0
        assert held.services[names.index("overdose_education_naloxone")]["kept"] == 0.0
    used = held.roles[list(held.scenario.catalogue.roles).index(role)]
    assert used["minutes_used"] == used["minutes_staffed"] == 0.0
    assert (used["minutes_agency"] > 0.0) == (role == "nurse")


def test_same_day_start_admits_more() -> None:
    """Nobody is lost between the offer and the appointment three days later: 0.72 against 0.40."""
    later, at_once = (
        runs_of(
            small().with_changes(
                horizon={"start": "empty"},
                clinic={"places": 500, "waiting_list": {"same_day_start": share}},
                staff={"counsellor": {"posts": 10.0}},
            )
        )
        for share in (0.0, 1.0)
    )
    shares = [
        sum(one.days["admitted"].sum() for one in runs)
        / sum(one.days["asking"].sum() for one in runs)
        for runs in (later, at_once)
    ]

    assert shares[1] > shares[0] + 0.1
    assert sum(one.days["lost_waiting"].sum() for one in at_once) < sum(
        one.days["lost_waiting"].sum() for one in later
    )


def test_interim_dosing_reduces_overdoses_while_waiting() -> None:
    """Overdoses a hundred days waited, by people who wait for weeks; both sides some 200."""
    crowded = small().with_changes(
        clinic={"places": 25}, arrivals={"per_week": 14.0}, staff={"nurse": {"posts": 3.0}},
        **MANY_OVERDOSES,
    )  # fmt: skip
    dosed = crowded.with_changes(clinic={"waiting_list": {"interim_dosing": True}})
    rates = []
    for scenario in (crowded, dosed):
        held = runs_of(scenario)
        overdoses = sum(int(one.patients["overdoses_waiting"].sum()) for one in held)
        assert overdoses > 60
        rates.append(overdoses / sum(one.days["waiting"].sum() for one in held))

    assert rates[1] < 0.8 * rates[0]


def test_the_order_of_offers_is_the_list_s() -> None:
    """Served last come, first served, some wait longer and more never wait long."""
    crowded = small().with_changes(clinic={"places": 30}, arrivals={"per_week": 9.0})
    spreads = []
    for order in ("first come", "last come"):
        waits = []
        for one in runs_of(crowded.with_changes(clinic={"waiting_list": {"order": order}})):
            patients = one.patients[one.patients["counted"]]
            admitted = patients[patients["first_admitted_day"] != NEVER]
            waits += (admitted["first_admitted_day"] - admitted["asked_day"]).tolist()
        spreads.append(float(np.median(waits)))

    assert spreads[1] < spreads[0]


@pytest.mark.parametrize(
    ("priority", "whom"), [("pregnant", "pregnant"), ("jail release", "jail_release")]
)
def test_priority_shortens_the_wait_of_those_who_have_it(priority: str, whom: str) -> None:
    crowded = small().with_changes(
        clinic={"places": 30},
        arrivals={"per_week": 9.0},
        population={"shares": {"female": 1.0, "pregnant": 0.1}},
    )
    ahead = []
    for order in ([], [priority]):
        waited = asked = 0.0
        for one in runs_of(crowded.with_changes(clinic={"waiting_list": {"priority": order}})):
            some = with_barrier(one, whom) & one.patients["counted"]
            status = one.calendar[:, some] & 15
            waited += ((status == Status.WAITING) | (status == Status.BOOKED)).sum()
            asked += some.sum()
        ahead.append(waited / asked)

    assert ahead[1] < 0.8 * ahead[0]


def test_a_recent_overdose_goes_first() -> None:
    crowded = small().with_changes(
        clinic={"places": 30}, arrivals={"per_week": 9.0}, **MANY_OVERDOSES
    )
    waits = []
    for priority in ([], ["recent overdose"]):
        held = runs_of(crowded.with_changes(clinic={"waiting_list": {"priority": priority}}))
        days = []
        for one in held:
            overdosed = one.events[one.events["kind"] == Kind.OVERDOSE]
            for event in overdosed:
                row = int(np.flatnonzero(one.patients["person"] == event["person"])[0])
                status = one.calendar[event["day"] :, row] & 15
                if status[0] in (Status.WAITING, Status.BOOKED):
                    waiting = (status == Status.WAITING) | (status == Status.BOOKED)
                    days.append(int(np.argmin(waiting)) if not waiting.all() else len(waiting))
        assert len(days) > 20
        waits.append(float(np.mean(days)))

    assert waits[1] < waits[0]


def test_readiness_fades_while_waiting() -> None:
    scenario = small().with_changes(
        clinic={"places": 0}, horizon={"start": "empty"}, arrivals={"per_week": 20.0}
    )
    clinic = Clinic(scenario)
    clinic.run_until(50)
    clinic.close()
    patients = clinic.state.patients
    readiness = clinic.state.drivers[:, 0] - clinic.state.own_start[:, 0]
    waiting = patients["status"] == Status.WAITING
    new = waiting & (patients["since"] > 40)
    old = waiting & (patients["since"] < 15)

    assert new.sum() > 5
    assert old.sum() > 5
    assert 0.0 <= readiness[old].mean() < 0.5 * readiness[new].mean()


# --- help for those who need it


@pytest.mark.parametrize("mode", ["ride", "van", "telehealth"])
def test_transport_aid_is_felt_by_those_without_transport_only(mode: str) -> None:
    """Visits kept rise for people with the barrier; everybody else lives the same life."""
    before, after = apart(
        services={"transport_aid": {"offered": True, "mode": mode, "uptake": 1.0}},
        staff={"driver": {"posts": 30.0, "turnover_per_year": 0.0}},
    )
    concerned = with_barrier(before, "transport")
    kept = [
        one.patients["visits_kept"][concerned].sum() / one.patients["visits_due"][concerned].sum()
        for one in (before, after)
    ]

    assert concerned.sum() > 20
    assert kept[1] > kept[0] + 0.005
    assert untouched(before, after, ~concerned)
    assert not untouched(before, after, concerned)


def test_fees_lower_staying_of_those_short_of_money_only() -> None:
    before, after = apart(clinic={"fees": {"per_day": 40.0}})
    concerned = with_barrier(before, "money")
    unpaid = after.events[
        (after.events["kind"] == Kind.LEFT) & (after.events["detail"] == Reason.UNPAID_FEES)
    ]
    short = set(after.patients["person"][concerned].tolist())

    assert len(unpaid) > 3
    assert set(unpaid["person"].tolist()) <= short
    assert after.patients["days_in_care"][concerned].sum() < (
        before.patients["days_in_care"][concerned].sum()
    )
    assert untouched(before, after, ~concerned)


def test_financial_aid_keeps_those_who_cannot_pay() -> None:
    fee = {"clinic": {"fees": {"per_day": 3.0}}}
    _, charged = apart(**fee)
    _, aided = apart(**fee, services={"financial_aid": {"offered": True, "uptake": 1.0}})
    unpaid = [
        ((one.events["kind"] == Kind.LEFT) & (one.events["detail"] == Reason.UNPAID_FEES)).sum()
        for one in (charged, aided)
    ]

    assert unpaid[1] < unpaid[0]


@pytest.mark.parametrize(("closes", "helps"), [(21, True), (12, False)])
def test_hours_help_or_hinder_those_bound_by_a_schedule_only(closes: int, helps: bool) -> None:
    """With staff for all of the hours, and hours that are long enough for every post."""
    usual = roomy().with_changes(arrivals={"per_week": 12.0}, staff=STEADY, clinic={"places": 1000})
    other = usual.with_changes(clinic={"hours": {"closes": time(closes)}})
    before, after = (run(one, uncertainty=False) for one in (usual, other))
    concerned = with_barrier(before, "schedule")
    kept = [
        one.patients["visits_kept"][concerned].sum() / one.patients["visits_due"][concerned].sum()
        for one in (before, after)
    ]

    assert (kept[1] > kept[0]) is np.bool_(helps)
    assert untouched(before, after, ~concerned)


def test_a_service_for_a_need_is_taken_by_those_who_have_it() -> None:
    """Matched care finds three needs in four; generic care gives the same to all."""
    for policy, others in (("matched", 0.2), ("generic", 1.1)):
        service = {"offered": True, "uptake": 1.0}
        _, after = apart(
            plan={"policy": policy},
            services={"housing_help": service},
            mechanisms={"changing_homes": False},
            staff={"case_manager": {"posts": 60.0, "turnover_per_year": 0.0}},
            population={"shares": {"housing": 0.5}},
        )
        place = list(after.scenario.catalogue.services).index("housing_help")
        received = after.received[:, place] > 0
        admitted = after.patients["first_admitted_day"] != NEVER
        need = with_barrier(after, "housing")
        shares = [received[admitted & need].mean(), received[admitted & ~need].mean()]
        assert shares[0] > 0.5
        assert shares[1] <= others * shares[0]
        assert (shares[1] == 0.0) == (policy == "matched")


def test_an_imperfect_assessment_misses_needs_and_sees_others() -> None:
    taken = {}
    for sensitivity, specificity in ((1.0, 1.0), (0.3, 1.0), (1.0, 0.5)):
        _, after = apart(
            plan={"policy": "matched"},
            model={"assessment_sensitivity": sensitivity, "assessment_specificity": specificity},
            services={"financial_aid": {"offered": True, "uptake": 1.0}},
            population={"shares": {"money": 0.5}},
        )
        kind = after.events["kind"] == Kind.TOOK_UP_SERVICE
        place = list(after.scenario.catalogue.services).index("financial_aid")
        people = after.events["person"][kind & (after.events["detail"] == place)]
        need = dict(zip(after.patients["person"], with_barrier(after, "money"), strict=True))
        in_need = sum(bool(need[person]) for person in set(people.tolist()))
        taken[sensitivity, specificity] = (in_need, len(set(people.tolist())) - in_need)

    assert taken[0.3, 1.0][0] < 0.6 * taken[1.0, 1.0][0]
    assert taken[1.0, 1.0][1] == taken[0.3, 1.0][1] == 0
    assert taken[1.0, 0.5][1] > 0.3 * taken[1.0, 1.0][0]


def test_psychiatric_care_elsewhere_is_reached_and_kept_less() -> None:
    uptake, kept = [], []
    for mode in ("integrated", "co-located", "referred"):
        _, after = apart(
            services={"psychiatric_medication": {"offered": True, "mode": mode, "every_days": 2.0}},
            population={"shares": {"depression": 0.9}},
            staff={"psychiatrist": {"posts": 60.0, "turnover_per_year": 0.0}},
            plan={"review_every_days": 1000},
        )
        row = after.services[
            list(after.scenario.catalogue.services).index("psychiatric_medication")
        ]
        uptake.append(row["taken_up"])
        kept.append(row["kept"] / row["booked"])

    assert uptake[0] > uptake[1] > uptake[2]
    assert kept[1] > kept[2] + 0.05


def test_case_management_links_people_with_other_care() -> None:
    before, after = (
        apart(
            services={
                "case_management": {"offered": managed, "uptake": 1.0},
                "financial_aid": {"offered": True, "uptake": 0.1},
            },
            staff={"case_manager": {"posts": 60.0, "turnover_per_year": 0.0}},
            population={"shares": {"money": 0.9}},
            plan={"review_every_days": 10},
        )[1]
        for managed in (False, True)
    )
    place = list(before.scenario.catalogue.services).index("financial_aid")

    assert after.services["taken_up"][place] > before.services["taken_up"][place]


def test_stepped_care_steps_up_those_who_struggle_and_down_those_who_have_settled() -> None:
    held = run(
        cohort(200, 120).with_changes(plan={"policy": "stepped", "review_every_days": 14}),
        uncertainty=False,
    )
    up = held.events[held.events["kind"] == Kind.STEPPED_UP]
    down = held.events[held.events["kind"] == Kind.STEPPED_DOWN]
    rows = {int(person): row for row, person in enumerate(held.patients["person"])}

    def recent_use(event: Any) -> float:
        days = held.calendar[max(0, event["day"] - 20) : event["day"] + 1, rows[event["person"]]]
        return float((days & 16 > 0).mean())

    assert len(up) > 10
    assert len(down) > 10
    assert np.mean([recent_use(one) for one in up]) > 0.5
    assert np.mean([recent_use(one) for one in down]) < 0.2


# --- medication


def test_antagonists_have_a_hurdle_that_detoxification_lowers() -> None:
    """Induction fails in 0.374 of 500 people, in 0.15 of those already through withdrawal.

    So it was where the supply was not fentanyl.
    """
    failed = {}
    for detoxified in (0.0, 1.0):
        for medication in ("xr_naltrexone_opioid", "methadone"):
            held = run(
                cohort(800, 60).with_changes(
                    population={"shares": {"fentanyl": 0.0}},
                    medication={"assign": {medication: 1.0}},
                    mixes={"outpatient opioid programme": {"detoxified_share": detoxified}},
                ),
                uncertainty=False,
            )
            kinds = held.events["kind"]
            began = ((kinds == Kind.FIRST_DOSE) & (held.events["detail"] >= 0)).sum()
            ended = (kinds == Kind.INDUCTION_FAILED).sum()
            failed[medication, detoxified] = ended / (began + ended)
            if medication == "xr_naltrexone_opioid":
                unprotected = (held.patients["first_medication"] >= 0) & (
                    held.patients["medication"] != held.patients["first_medication"]
                )
                assert unprotected.sum() > 20

    assert failed["xr_naltrexone_opioid", 0.0] == pytest.approx(0.374, abs=0.08)
    assert failed["xr_naltrexone_opioid", 1.0] == pytest.approx(0.15, abs=0.06)
    assert failed["methadone", 0.0] < 0.06


def rate_by_place(held: Run) -> dict[str, float]:
    """Overdoses a day in care, in the first four weeks after leaving, and later outside."""
    status, patients = held.calendar & 15, held.patients
    in_care = (status >= Status.INDUCTION) & (status <= Status.AFTERCARE)
    early = np.zeros_like(in_care)
    for event in held.events[held.events["kind"] == Kind.LEFT]:
        row = int(np.flatnonzero(patients["person"] == event["person"])[0])
        early[event["day"] + 1 : event["day"] + 28, row] = True
    waiting = (status == Status.WAITING) | (status == Status.BOOKED)
    alive = status != Status.DIED
    early &= ~in_care & ~waiting & alive & (status != Status.JAILED)
    admitted = patients["first_admitted_day"] != NEVER
    later = admitted & ~in_care & ~early & ~waiting & alive & (status != Status.JAILED)
    return {
        "in care": patients["overdoses_in_care"].sum() / in_care.sum(),
        "early": patients["overdoses_first_4_weeks"].sum() / max(early.sum(), 1),
        "later": patients["overdoses_later"][admitted].sum() / max(later.sum(), 1),
    }


def test_the_first_four_weeks_after_methadone_are_the_most_dangerous() -> None:
    """Some 150 overdoses after leaving, 100 of them in the first four weeks."""
    scenario = cohort(1500, 200).with_changes(
        medication={"assign": "methadone"},
        medications={
            "methadone": {"phases": [{"from_day": 0, "dropout": 0.02, "solved": -4.0}]},
        },
        hazards={
            "overdose": {"opioid": 0.1},
            "fatality": {"opioid": 0.001},
            "return_to_care": {"opioid": 0.0},
        },
    )
    rates = rate_by_place(run(scenario, uncertainty=False))

    assert rates["early"] > 1.5 * rates["later"] > 1.5 * rates["in care"]


def test_a_taper_ends_the_medication() -> None:
    scenario = cohort(150, 90).with_changes(
        medication={"assign": "methadone"}, hazards={"return_to_care": {"opioid": 0.0}}
    )
    whole, tapered = (
        run(one, uncertainty=False)
        for one in (
            scenario,
            scenario.with_changes(medication={"taper": {"from_day": 20, "days": 20}}),
        )
    )

    assert whole.days["medicated"][80] > 50
    assert tapered.days["medicated"][80] == 0.0
    assert tapered.days["used"][60:].sum() > whole.days["used"][60:].sum()


def test_take_homes_spare_visits_and_keep_those_without_transport() -> None:
    strict, light = (
        run(
            cohort(600, 150).with_changes(
                medication={"assign": "methadone", "take_home": rules},
                population={"shares": {"transport": 0.9, "schedule": 0.9}},
            ),
            uncertainty=False,
        )
        for rules in ("strict", "rules after 2024")
    )

    assert light.patients["visits_due"].sum() < 0.3 * strict.patients["visits_due"].sum()
    assert light.days["in_care"].sum() > strict.days["in_care"].sum()


def test_clean_urines_earn_take_homes_where_the_rules_say_so() -> None:
    """From day 35, a month without a positive urine earns a week's doses; who uses comes daily."""
    steps = [
        {"from_day": 0, "days_per_visit": 1.0},
        {"from_day": 35, "days_per_visit": 7.0, "clean": True},
    ]
    clinic = Clinic(
        cohort(300, 100).with_changes(medication={"assign": "methadone", "take_home": steps})
    )
    clinic.run()
    clinic.close()
    patients = clinic.state.patients
    caring = (patients["status"] == Status.IN_TREATMENT) & (patients["cover"] > 0.0)
    trusted = caring & (patients["supply_days"] == 7.0)

    assert trusted.sum() > 20
    assert (caring & (patients["supply_days"] == 1.0)).sum() > 20
    clean = patients["negative_urines_in_a_row"]
    assert np.median(clean[trusted]) >= 4
    assert np.median(clean[caring & ~trusted]) < 4


def test_positive_urines_take_doses_home_away_until_a_month_without() -> None:
    """Supplies of up to four weeks: who uses comes more often, the stricter the more so.

    Who has never had so many positive urines in a row lives the same life.
    """
    scenario = cohort(300, 150).with_changes(
        medication={"assign": "methadone", "take_home": "rules after 2024"},
        services={"therapy_group": {"offered": False}},
    )
    clinics = [
        lived_through(scenario.with_changes(rules={"lose_take_home_after_positive_urines": limit}))
        for limit in (0, 3, 1)
    ]
    never, seldom, soon = (record(clinic) for clinic in clinics)
    due = [one.patients["visits_due"].sum() for one in (never, seldom, soon)]
    clean = soon.patients["urines_positive"] == 0
    patients = clinics[2].state.patients
    caring = patients["status"] == Status.IN_TREATMENT
    lost = caring & patients["take_home_lost"]

    assert due[0] < due[1] < due[2]
    assert due[2] > 1.2 * due[0]
    assert clean.sum() > 20
    assert untouched(never, soon, clean)
    assert not clinics[0].state.patients["take_home_lost"].any()
    assert lost.sum() > 20
    assert (patients["negative_urines_in_a_row"][lost] < 4).all()
    assert (patients["positive_urines_in_a_row"][caring & ~patients["take_home_lost"]] == 0).all()


def on_dose(dose: float, **changes: Any) -> tuple[Run, Clinic]:
    """Six hundred people on methadone at this dose for half a year."""
    scenario = cohort(600, 180).with_changes(medication={"assign": "methadone", "dose": dose})
    clinic = lived_through(scenario.with_changes(**changes))
    return record(clinic), clinic


def test_a_higher_dose_lowers_use_and_leaving_ever_less() -> None:
    """From half to the usual dose more is gained than from the usual one to twice it."""
    held = [on_dose(dose)[0] for dose in (0.25, 0.5, 1.0, 2.0)]
    used = np.array([one.days["used"].sum() for one in held])
    dropped = [one.days["dropped_out"].sum() for one in held]

    assert (np.diff(used) < 0.0).all()
    assert dropped == sorted(dropped, reverse=True)
    assert dropped[1] > 1.1 * dropped[2]
    assert used[1] - used[2] > 1.3 * (used[2] - used[3])


def test_a_low_dose_is_a_dose_taken() -> None:
    """Days in care are covered by medication as at the usual dose."""
    covered = []
    for dose in (0.25, 1.0):
        held, _ = on_dose(dose)
        in_care = np.isin(held.calendar & 15, (Status.INDUCTION, Status.IN_TREATMENT))
        covered.append((held.calendar[in_care] & 64 > 0).mean())

    assert covered[1] > 0.8
    assert covered[0] == pytest.approx(covered[1], abs=0.03)


def test_more_are_held_on_a_low_dose_where_doses_are_low() -> None:
    """Some 300 people: 74, 23 and 2 in 100; a share off by a dozen would fail."""
    for dose, share in ((0.5, 0.74), (1.0, 0.23), (2.0, 0.02)):
        _, clinic = on_dose(dose)
        patients = clinic.state.patients
        admitted = patients["first_admitted_day"] != NEVER
        assert patients["low_dose"][admitted].mean() == pytest.approx(share, abs=0.08)


def test_a_higher_dose_takes_longer_to_find() -> None:
    """Two weeks on methadone up to the usual dose, four to twice it."""
    for dose, days in ((0.5, 14), (1.0, 14), (2.0, 28)):
        held, _ = on_dose(dose, hazards={"return_to_care": {"opioid": 0.0}})
        events = held.events[held.events["detail"] >= 0]
        began, settled = (
            {int(one["person"]): int(one["day"]) for one in events[events["kind"] == kind][::-1]}
            for kind in (Kind.FIRST_DOSE, Kind.STABILISED)
        )
        assert len(settled) > 100
        assert {settled[one] - began[one] for one in settled if one in began} == {days}


def test_the_drug_costs_by_its_dose() -> None:
    """What it costs a day medicated; staff and services are as they are."""
    held = {dose: on_dose(dose)[0] for dose in (0.5, 1.0)}
    costs = [cost_of_run(one).medication / one.medication_days.sum() for one in held.values()]

    assert costs[0] == pytest.approx(0.5 * costs[1])


def test_everybody_gets_the_medication_they_want_when_it_is_by_preference() -> None:
    shares = []
    for assign in ({"methadone": 1.0}, "by preference"):
        held = run(cohort(200, 30).with_changes(medication={"assign": assign}), uncertainty=False)
        admitted = held.patients["first_admitted_day"] != NEVER
        shares.append(held.patients["prefers"][admitted & (held.patients["medication"] > 0)].mean())

    assert shares[1] == 1.0
    assert 0.15 < shares[0] < 0.5


# --- staff


def alliance_of(clinic: Clinic) -> float:
    patients = clinic.state.patients
    caring = (patients["status"] >= Status.INDUCTION) & (patients["status"] <= Status.AFTERCARE)
    place = clinic.parameters.driver_names.index("alliance")
    return float(clinic.state.drivers[caring, place].mean())


def test_turnover_breaks_alliances_and_lowers_them() -> None:
    """The same 1600 people, with counsellors who stay and counsellors who leave thrice a year."""
    found = []
    for turnover in (0.0, 3.0):
        clinic = Clinic(
            cohort(1600, 180).with_changes(
                medication={"assign": "methadone"},
                staff={"counsellor": {"posts": 80.0, "turnover_per_year": turnover}},
                services={"individual_counselling": {"every_days": 7.0}},
            )
        )
        clinic.run()
        clinic.close()
        broken = int(clinic.state.patients["alliances_broken"].sum())
        dropped = float(clinic.state.days["dropped_out"].sum())
        found.append((alliance_of(clinic), broken, dropped))

    assert found[0][1] == 0
    assert found[1][1] > 100
    assert found[1][0] < found[0][0] - 0.05
    assert found[1][2] > found[0][2]


def test_overload_drives_staff_away() -> None:
    departures = []
    for ratio in (1.0, 12.0):
        held = runs_of(
            small().with_changes(
                horizon={"days": 200},
                staff={
                    "counsellor": {"posts": 1.5, "turnover_per_year": 0.3, "hiring_lag_days": 0}
                },
                model={"turnover_overload": ratio, "overload_from": 0.1},
            ),
            12,
        )
        departures.append(sum(one.days["departures"].sum() for one in held))

    assert departures[1] > 2 * departures[0]


def test_sick_staff_have_fewer_minutes() -> None:
    minutes = []
    for sick in (0.0, 0.5):
        held = run(
            small().with_changes(
                roles={"counsellor": {"sick_share": sick}}, mechanisms={"overload": False}
            ),
            uncertainty=False,
        )
        role = list(held.scenario.catalogue.roles).index("counsellor")
        minutes.append(held.roles["minutes_staffed"][role])

    assert 0.3 * minutes[0] < minutes[1] < 0.7 * minutes[0]


def minutes_of_counsellors(held: Run) -> float:
    role = list(held.scenario.catalogue.roles).index("counsellor")
    return float(held.roles["minutes_staffed"][role])


def restless(**changes: Any) -> Scenario:
    """Counsellors who leave four times a year and are replaced the next day."""
    return small().with_changes(
        horizon={"days": 150},
        staff={"counsellor": {"posts": 20.0, "turnover_per_year": 4.0, "hiring_lag_days": 0}},
        **changes,
    )


def test_new_workers_have_fewer_minutes_until_they_have_learnt_the_job() -> None:
    """The same workers come and go; the more a beginner lacks, and the longer, the less is done."""
    settings: list[dict[str, Any]] = [
        {"mechanisms": {"learning": False}},
        {"model": {"new_worker_share": 0.5, "learning_days": 30.0}},
        {"model": {"new_worker_share": 0.5, "learning_days": 90.0}},
        {"model": {"new_worker_share": 0.1, "learning_days": 90.0}},
    ]
    calm = {"model": {"turnover_overload": 1.0}}
    held = [run(restless(**calm).with_changes(**one), uncertainty=False) for one in settings]
    minutes = [minutes_of_counsellors(one) for one in held]

    assert len({one.days["departures"].sum() for one in held}) == 1
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[-1] < 0.8 * minutes[0]


def test_who_was_there_at_opening_has_learnt_the_job() -> None:
    steady = small().with_changes(staff={role: {"turnover_per_year": 0.0} for role in STEADY})
    minutes = {
        minutes_of_counsellors(
            run(steady.with_changes(mechanisms={"learning": on}), uncertainty=False)
        )
        for on in (True, False)
    }

    assert len(minutes) == 1


def test_posts_added_by_a_change_are_filled_by_beginners() -> None:
    """Two designs that differ by a case manager: at first the new one has half the minutes."""
    more = small().with_changes(name="more", staff={"case_manager": {"posts": 1.0}})
    role = list(more.catalogue.roles).index("case_manager")
    minutes = []
    for on in (True, False):
        designs = [one.with_changes(mechanisms={"learning": on}) for one in (small(), more)]
        clinic = lived(designs, 0, 1, None)[1]
        clinic.close()
        minutes.append(float(record(clinic).roles["minutes_staffed"][role]))

    assert 0.5 * minutes[1] < minutes[0] < 0.9 * minutes[1]


def test_overtime_holds_more_sessions_up_to_its_limit_and_costs_money() -> None:
    """Half as many counsellors as are needed; nobody works longer where there is time enough."""
    short = small().with_changes(
        staff={"counsellor": {"posts": 0.8, "turnover_per_year": 0.0}, "nurse": {"posts": 3.0}}
    )
    role = list(short.catalogue.roles).index("counsellor")
    nurse = list(short.catalogue.roles).index("nurse")
    counselling = list(short.catalogue.services).index("individual_counselling")
    kept, overtime, pay = [], [], []
    for share in (0.0, 0.15, 0.4):
        held = runs_of(short.with_changes(clinic={"overtime_share": share}))
        kept.append(sum(one.services["kept"][counselling] for one in held))
        tallies = [one.roles[role] for one in held]
        overtime.append(
            sum(one["minutes_overtime"] for one in tallies)
            / sum(one["minutes_staffed"] for one in tallies)
        )
        pay.append(sum(cost_of_run(one).staff for one in held))
        assert sum(one.roles[nurse]["minutes_overtime"] for one in held) < 0.01 * sum(
            one.roles[nurse]["minutes_staffed"] for one in held
        )

    assert kept == sorted(kept)
    assert kept[-1] > 1.1 * kept[0]
    assert overtime[0] == 0.0
    assert 0.05 < overtime[1] <= 0.15
    assert overtime[1] < overtime[2] <= 0.4
    assert pay[0] < pay[1] < pay[2]


def test_overbooking_fills_the_time_of_those_who_stay_away() -> None:
    """Counsellors short, half of the sessions missed: more are held in the same minutes.

    Where nobody stays away, overbooking only sends people home.
    """
    kept = {}
    for attendance in (0.5, 0.999):
        for share in (0.0, 0.4):
            held = runs_of(
                small().with_changes(
                    clinic={"overbooking_share": share},
                    staff={"counsellor": {"posts": 0.8}, "nurse": {"posts": 1.0}},
                    mechanisms={"turnover": False},
                    services={"individual_counselling": {"attendance": attendance}},
                )
            )
            place = list(held[0].scenario.catalogue.services).index("individual_counselling")
            kept[attendance, share] = sum(one.services["kept"][place] for one in held)
            for one in held:
                assert (one.roles["minutes_used"] <= one.roles["minutes_staffed"] + 1e-6).all()

    assert kept[0.5, 0.4] > 1.2 * kept[0.5, 0.0]
    assert kept[0.999, 0.4] == pytest.approx(kept[0.999, 0.0], rel=0.05)


def test_caseloads_are_exceeded_only_where_the_clinic_lets_them_be() -> None:
    """Two counsellors for ten patients each, and sixty places."""
    found = []
    for limit in ("kept", "exceeded"):
        few = small().with_changes(
            clinic={"caseload_limit": limit},
            staff={"counsellor": {"posts": 2.0, "caseload": 10}},
        )
        clinic = lived_through(few)
        held = record(clinic)
        breaches = measure(held).value("caseload_breaches")
        caring = np.isin(clinic.state.patients["status"], (3, 4, 5))
        without = float((clinic.state.patients["key_worker"][caring] < 0).mean())
        found.append((breaches, without))

    assert found[0][0] == 0.0
    assert found[1][0] > 0.9
    assert found[0][1] > 0.4
    assert found[1][1] < 0.1


def departures_by_year(ratio: float, tenure: bool = True) -> tuple[float, float]:
    """Departures a post-year in the first year of a post and after it, of 300 counsellors."""
    clinic = Clinic(
        small().with_changes(
            horizon={"days": 700, "start": "empty"},
            arrivals={"per_week": 0.5},
            staff={"counsellor": {"posts": 300.0, "turnover_per_year": 0.5, "hiring_lag_days": 0}},
            model={"turnover_first_year": ratio},
            mechanisms={"tenure": tenure},
        )
    )
    left, lived = np.zeros(2), np.zeros(2)
    for day in range(clinic.horizon):
        staff = clinic.state.staff
        counsellors = staff["present"] & (staff["role"] == clinic.role_names.index("counsellor"))
        late = (day - staff["hired_day"] >= 365).astype(int)
        before = staff["departures"].copy()
        clinic.step()
        gone = clinic.state.staff["departures"] - before
        left += np.bincount(late[counsellors], gone[counsellors], 2)
        lived += np.bincount(late[counsellors], minlength=2)
    clinic.close()
    first, later = left / lived * 365.25
    return float(first), float(later)


def test_staff_leave_sooner_in_their_first_year() -> None:
    """Some 270 departures: four times as many a post-year in the first year in a post."""
    first, later = departures_by_year(4.0)
    first_without, later_without = departures_by_year(4.0, tenure=False)

    assert 2.5 < first / later < 6.0
    assert later < 0.5 < first
    assert 0.6 < first_without / later_without < 1.6


def test_more_leave_leaves_fewer_minutes() -> None:
    """Six weeks of leave for everybody take 6 in 52 of a year's minutes, exactly; 0 take none."""
    steady = small().with_changes(
        horizon={"days": 364, "follow_up_days": 364, "burn_in_days": 0},
        arrivals={"per_week": 0.5},
        staff={"counsellor": {"posts": 9.0, "turnover_per_year": 0.0}},
        roles={"counsellor": {"sick_share": 0.0}},
    )
    minutes = [
        minutes_of_counsellors(run(steady.with_changes(**change), uncertainty=False))
        for change in (
            {"mechanisms": {"leave": False}},
            {"staff": {"counsellor": {"leave_weeks_per_year": 0}}},
            {"staff": {"counsellor": {"leave_weeks_per_year": 6}}},
        )
    ]

    assert minutes[0] == minutes[1]
    assert minutes[2] == pytest.approx(minutes[0] * 46 / 52)


def departures(held: Run) -> float:
    return float(held.roles["departures"].sum())


def supervised(minutes: float, **changes: Any) -> Scenario:
    """Twenty counsellors who leave three times a year, with so many minutes of supervision."""
    post = {
        "posts": 20.0,
        "turnover_per_year": 3.0,
        "hiring_lag_days": 0.0,
        "supervision_minutes_per_week": minutes,
    }
    return small().with_changes(
        horizon={"days": 150}, staff={"counsellor": post}, mechanisms={"learning": False}, **changes
    )


def test_more_supervision_means_fewer_departures_and_fewer_minutes() -> None:
    """Minutes of the same posts fall by what is added to supervision, departures by its effect."""
    told = {"model": {"turnover_supervision": 0.6}}
    held = {minutes: runs_of(supervised(minutes, **told), 4) for minutes in (0.0, 60.0, 240.0)}
    left = {minutes: sum(departures(one) for one in runs) for minutes, runs in held.items()}
    whole = small().catalogue.roles["counsellor"]
    week = whole.minutes_per_week.value * whole.direct_care_share.value

    assert left[0.0] > 1.3 * left[60.0] > 1.6 * left[240.0]
    for minutes, runs in held.items():
        share = minutes_of_counsellors(runs[0]) / minutes_of_counsellors(held[0.0][0])
        assert share == pytest.approx((week - minutes) / week, rel=0.03)


def test_usual_supervision_leaves_turnover_as_it_is_given() -> None:
    """An hour is usual for counsellors, whose departures are then those without the mechanism."""
    told = {"model": {"turnover_supervision": 0.2}}
    usual = supervised(60.0, **told)
    off = usual.with_changes(mechanisms={"supervision": False})

    assert field_bytes(run(usual, uncertainty=False).roles) == field_bytes(
        run(off, uncertainty=False).roles
    )


def test_supervision_of_a_role_of_one_s_own_counts_from_its_own() -> None:
    """What its block says is usual for it; a design that gives it more keeps its people longer."""
    block = {
        "label": "Guide",
        "source": "assumption",
        "turnover_per_year": 3.0,
        "hiring_lag_days": 0.0,
        "supervision_minutes_per_week": 120.0,
    }
    own = small().with_changes(
        roles={"guide": block},
        staff={"guide": {"posts": 40.0}},
        model={"turnover_supervision": 0.3},
    )
    off = own.with_changes(mechanisms={"supervision": False})
    more = own.with_changes(staff={"guide": {"supervision_minutes_per_week": 300.0}})
    left = [departures(run(one, uncertainty=False)) for one in (off, own, more)]

    assert left[0] == left[1] > 1.5 * left[2]


def test_more_notes_leave_time_for_fewer_sessions() -> None:
    """Half an hour of notes for each session, and what fits into the same minutes."""
    kept, waited = [], []
    for notes in (0.0, 10.0, 40.0):
        runs = runs_of(
            small().with_changes(
                staff={
                    "counsellor": {"posts": 1.2, "notes_minutes_per_session": notes},
                    "nurse": {"posts": 1.0},
                }
            ),
            3,
        )
        place = list(runs[0].scenario.catalogue.services).index("individual_counselling")
        kept.append(sum(one.services["kept"][place] for one in runs))
        waited.append(sum(one.services["waited"][place] for one in runs))
        for one in runs:
            assert (one.roles["minutes_used"] <= one.roles["minutes_staffed"] + 1e-6).all()

    assert kept[0] > kept[1] > 1.2 * kept[2]
    assert waited[0] < waited[1] < waited[2]


# --- rules of the clinic, and people


@pytest.mark.parametrize(
    ("rule", "reason", "limits"),
    [
        ("discharge_after_missed_days", Reason.MISSED_DAYS, (12, 3)),
        ("positive_urines_in_a_row", Reason.POSITIVE_URINES, (12, 3)),
        ("missed_sessions_in_a_row", Reason.MISSED_SESSIONS, (3, 1)),
    ],
)
def test_rules_of_discharge_put_people_out(
    rule: str, reason: Reason, limits: tuple[int, int]
) -> None:
    """Never when the rule is off, more when it is strict, and never before its own count is up."""
    counts = []
    for limit in (0, *limits):
        held = run(cohort(200, 100).with_changes(rules={rule: limit}), uncertainty=False)
        left = held.events[held.events["kind"] == Kind.LEFT]
        counts.append((left["detail"] == reason).sum())

    assert counts[0] == 0
    assert counts[2] > counts[1] > 0


def test_behaviour_puts_people_out_at_its_rate() -> None:
    """About 130 discharges: a rate off by a third would fail."""
    rate = 2.0
    held = run(
        cohort(600, 100).with_changes(rules={"put_out_for_behaviour_per_year": rate}),
        uncertainty=False,
    )
    left = held.events[held.events["kind"] == Kind.LEFT]
    put_out = (left["detail"] == Reason.BEHAVIOUR).sum()

    assert put_out > 80
    assert put_out == pytest.approx(held.days["in_care"].sum() * rate / 365.25, rel=0.25)


def test_so_many_missed_doses_start_induction_anew() -> None:
    """Never when the rule is off, oftener when it is strict, and back in the risky first weeks."""
    begun = []
    for limit in (0, 6, 3):
        clinic = lived_through(
            cohort(300, 120).with_changes(
                medication={"assign": "methadone"},
                services={"dosing": {"attendance": 0.5}},
                rules={"reinduction_after_missed_days": limit, "discharge_after_missed_days": 0},
            )
        )
        anew = clinic.events["kind"] == Kind.INDUCED_ANEW
        begun.append(int(anew.sum()))
        patients = clinic.state.patients
        again = patients["reinductions"] > 0
        assert patients["reinductions"].sum() == anew.sum()
        on_it = again & (patients["dose_since"] != NEVER)
        assert (patients["dose_since"][on_it] > patients["first_dose_day"][on_it]).all()

    assert begun[0] == 0
    assert begun[2] > begun[1] > 10


def test_who_still_uses_changes_medication_where_the_rule_says_so() -> None:
    """Never when it is off, oftener when it is strict; to another medication, begun anew."""
    switched = []
    for limit in (0, 8, 2):
        clinic = lived_through(
            cohort(300, 150).with_changes(
                medication={
                    "assign": {"methadone": 0.2, "buprenorphine": 0.8},
                    "switch_after_positive_urines": limit,
                }
            )
        )
        events, patients = clinic.events, clinic.state.patients
        given = {
            clinic.parameters.medication_names.index(n) for n in ("methadone", "buprenorphine")
        }
        changed = events[events["kind"] == Kind.SWITCHED]
        switched.append(len(changed))
        assert set(changed["detail"]) <= given
        moved = np.isin(patients["person"], changed["person"])
        first = {int(one["person"]): int(one["detail"]) for one in changed[::-1]}
        begun_on = dict(zip(patients["person"], patients["first_medication"], strict=True))
        assert all(begun_on[person] != to for person, to in first.items())
        assert (patients["first_medication"][moved] >= 0).all()

    assert switched[0] == 0
    assert switched[2] > switched[1] > 5


def test_telehealth_relieves_those_for_whom_the_way_is_a_burden() -> None:
    """Monthly visits on buprenorphine by telephone, for people without transport."""
    kept = []
    for share in (0.0, 1.0):
        held = run(
            cohort(500, 200).with_changes(
                medication={"assign": "buprenorphine"},
                population={"shares": {"transport": 1.0}},
                mediators={"visit_burden": {"effects": {"attendance": 0.2}}},
                rules={"telehealth_share": share},
            ),
            uncertainty=False,
        )
        kept.append(held.services["kept"].sum() / held.services["booked"].sum())

    assert kept[1] > kept[0] + 0.01


def test_stricter_rules_put_more_people_out() -> None:
    """The presets in their order, with take-homes and the rest of what they stand for."""
    discharged = []
    for preset in ("low threshold", "since 2024", "before 2024", "strict"):
        held = run(
            cohort(400, 200).with_changes(
                medication={"assign": "methadone"}, rules={"preset": preset}
            ),
            uncertainty=False,
        )
        discharged.append(held.days["discharged"].sum())

    assert discharged == sorted(discharged)
    assert discharged[-1] > 1.5 * discharged[0]


def test_who_left_returns_only_after_the_gap() -> None:
    held = run(
        cohort(300, 200).with_changes(
            rules={"readmission_gap_days": 25}, hazards={"return_to_care": {"opioid": 0.05}}
        ),
        uncertainty=False,
    )
    left: dict[int, int] = {}
    returned = 0
    for event in held.events:
        if event["kind"] == Kind.LEFT:
            left[int(event["person"])] = int(event["day"])
        elif event["kind"] == Kind.ASKED and int(event["person"]) in left:
            assert event["day"] - left.pop(int(event["person"])) >= 25
            returned += 1

    assert returned > 50
    assert (held.patients["readmissions"] > 0).sum() > 10


def test_aftercare_follows_completion_where_it_is_offered() -> None:
    finishing = cohort(200, 200).with_changes(
        medications={"methadone": {"completion_after_days": 20.0}},
        medication={"assign": "methadone"},
        hazards={"completion": {"opioid": 10.0}},
        model={"aftercare_days": 60.0},
    )
    without, offered = (
        run(one, uncertainty=False)
        for one in (finishing, finishing.with_changes(services={"aftercare": {"offered": True}}))
    )
    began = offered.events[offered.events["kind"] == Kind.AFTERCARE_BEGAN]

    assert without.days["aftercare"].sum() == 0.0
    assert without.days["completed"].sum() > 50
    assert len(began) > 50
    ended = offered.events[
        (offered.events["kind"] == Kind.LEFT) & (offered.events["detail"] == Reason.COMPLETED)
    ]
    assert len(ended) > 10
    for one in ended:
        begun = began["day"][(began["person"] == one["person"]) & (began["day"] <= one["day"])]
        assert one["day"] - begun.max() >= 60


def test_naloxone_makes_overdoses_less_often_fatal() -> None:
    dangerous = cohort(600, 120).with_changes(
        hazards={"overdose": {"opioid": 3.0}, "fatality": {"opioid": 0.3}},
        services={"overdose_education_naloxone": {"offered": False}},
    )
    fatal = []
    for offered in (False, True):
        service = {"offered": offered, "uptake": 1.0, "pays_for": {"fatality": 0.3}}
        held = run(
            dangerous.with_changes(services={"overdose_education_naloxone": service}),
            uncertainty=False,
        )
        fatal.append((held.patients["death_cause"] == 1).sum() / held.days["overdoses"].sum())

    assert fatal[1] < 0.85 * fatal[0]


@pytest.mark.parametrize(
    ("trait", "effect", "outcome"),
    [
        ("stimulant_use", {"dropout": 5.0}, "stays"),
        ("female", {"dropout": 0.2}, "stays"),
        ("benzodiazepine_use", {"use": 6.0}, "uses"),
        ("depression", {"dropout": 5.0}, "stays"),
        ("psychosis", {"attendance": 0.1}, "comes"),
    ],
)
def test_what_somebody_has_moves_them_and_no_one_else(
    trait: str, effect: dict[str, float], outcome: str
) -> None:
    table = "traits" if trait in baseline().catalogue.traits else "diagnoses"
    shares = {"population": {"shares": {trait: 0.5}}}
    neutral = dict.fromkeys(effect, 1.0)
    _, before = apart(**shares, **{table: {trait: {"effects": neutral}}})
    _, after = apart(**shares, **{table: {trait: {"effects": effect}}})
    concerned = with_barrier(before, trait)
    counts = []
    for one in (before, after):
        patients = one.patients[concerned]
        counts.append(
            {
                "stays": patients["days_in_care"].sum(),
                "uses": (one.calendar[:, concerned] & 16 > 0).sum(),
                "comes": patients["visits_kept"].sum() / patients["visits_due"].sum(),
            }[outcome]
        )

    higher = outcome == "uses" or trait == "female"
    assert (counts[1] > counts[0]) == higher
    assert counts[0] != counts[1]
    assert untouched(before, after, ~concerned)


def test_the_opening_caseload_is_of_long_stayers() -> None:
    """Those present are less frail than those who ask, and most were admitted long ago."""
    clinic = Clinic(
        small().with_changes(
            clinic={"places": 1500},
            arrivals={"per_week": 60.0},
            horizon={"burn_in_days": 0},
        )
    )
    clinic.close()
    patients = clinic.state.patients
    present = patients["status"] >= Status.INDUCTION
    ago = -patients["since"][present]

    assert present.sum() > 1000
    assert patients["frailty"][present].mean() < patients["frailty"][~present].mean() - 0.15
    assert np.median(ago) > 150
    assert ago.max() < 365 * 5 + 2
    stays = [np.mean(ago[patients["medication"][present] == m]) for m in (1, 2)]
    assert stays[0] > stays[1], "methadone holds people longer than buprenorphine"


def test_a_change_begins_when_it_begins() -> None:
    """Until week 5 both designs are one; the ramp brings posts in one after the other."""
    later = small().with_changes(
        name="later",
        staff={"counsellor": {"posts": 5.5}},
        services={"case_management": {"offered": True}},
        change={"from_week": 5, "ramp_weeks": 4},
    )
    first, second = (record(clinic) for clinic in lived([small(), later], 2, 1, None))
    start = 35
    taken = second.events[
        (second.events["kind"] == Kind.TOOK_UP_SERVICE)
        & (
            second.events["detail"]
            == list(second.scenario.catalogue.services).index("case_management")
        )
    ]

    assert first.calendar[:start].tobytes() == second.calendar[:start].tobytes()
    assert first.calendar[start:].tobytes() != second.calendar[start:].tobytes()
    assert len(taken) > 5
    assert taken["day"].min() >= start
    assert len(np.unique(taken["day"])) > 2, "not all of the caseload on one day"


@pytest.mark.parametrize("grades", ["A", "AB", "ABC"])
def test_weaker_evidence_can_be_left_out(grades: str) -> None:
    """Of alcohol and opioid services, only those of the grades asked for move anything."""
    everything = small().with_changes(
        services={name: {"offered": True} for name in ("cbt", "reminders", "stigma_training")},
        staff={"therapist": {"posts": 3.0}, "front_desk": {"posts": 2.0}},
    )
    held = [
        run(one, uncertainty=False).calendar.tobytes()
        for one in (everything, everything.with_changes(effects={"grades": grades}))
    ]

    assert held[0] != held[1]
