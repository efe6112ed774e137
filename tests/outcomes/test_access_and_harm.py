"""Waiting, loss, overdoses, deaths, quality of life and cost, counted by hand."""

import numpy as np
import pytest

from txsim.economics import Prices, cost_of_run, spent_on, staff_cost
from txsim.outcomes import measure
from txsim.outcomes.families.harm import PLACES
from txsim.state.events import Cause, Where
from txsim.units import DAYS_PER_YEAR

from .made_runs import Person, make_run, small_scenario

SERVED = Person("w" * 4 + "b" * 2 + "i" * 3 + "t" * 80, fields={"first_dose_day": 8})
LOST = Person("w" * 10 + "l" * 60)
LOST_THEN_SERVED = Person("w" * 3 + "l" * 20 + "w" * 2 + "t" * 60, fields={"first_dose_day": 25})
STILL_WAITING = Person("w" * 90)
DEAD_WAITING = Person("w" * 7 + "x" * 60, fields={"death_cause": int(Cause.OVERDOSE)})
OVERDOSED_WAITING = Person("w" * 90, overdoses=(3,))
ELSEWHERE = Person("w" * 9 + "e" * 60)
LOST_THEN_ELSEWHERE = Person("w" * 3 + "l" * 20 + "w" * 5 + "e" * 60)

EVERYBODY = [SERVED, LOST, LOST_THEN_SERVED, STILL_WAITING, DEAD_WAITING, OVERDOSED_WAITING]


def test_served_lost_and_dead_while_waiting():
    found = measure(make_run(EVERYBODY))
    assert found.value("people_asked") == 6
    assert found.value("people_served") == 2
    assert found.value("people_walked_away") == 2
    assert found.value("people_lost_waiting") == 1
    assert found.value("people_dead_waiting") == 1
    assert found.value("people_overdosed_waiting") == 1
    assert found.value("people_harmed_waiting") == 3
    assert found.value("share_harmed_waiting") == 3 / 6


def test_who_is_lost_left_the_list_or_missed_the_intake():
    missed = Person("w" * 4 + "b" * 3 + "l" * 60, missed_intake=(7,))
    missed_then_served = Person("w" * 4 + "l" * 20 + "w" * 2 + "t" * 60, missed_intake=(4,))
    found = measure(make_run([*EVERYBODY, missed, missed_then_served]))
    assert found.value("people_lost_waiting") == 2
    assert found.value("people_left_list") == 1
    assert found.value("people_missed_intake") == 1
    assert found.value("share_missed_intake") == 1 / 8


def test_who_is_treated_elsewhere_is_neither_served_nor_lost():
    found = measure(make_run([*EVERYBODY, ELSEWHERE, LOST_THEN_ELSEWHERE]))
    assert found.value("people_went_elsewhere") == 2
    assert found.value("share_went_elsewhere") == 2 / 8
    assert found.value("people_walked_away") == 3
    assert found.value("people_lost_waiting") == 1
    assert found.value("people_served") == 2
    assert found.value("people_harmed_waiting") == 3
    # The first wait of who was lost once ended by being lost.
    assert found.curves["gone to another clinic"][-1] == pytest.approx(1 / 8)
    ends = ("admitted", "lost while waiting", "dead while waiting", "gone to another clinic")
    assert sum(found.curves[end][-1] for end in ends) == pytest.approx(6 / 8)


def test_waits():
    found = measure(make_run(EVERYBODY))
    # Who gave up and asked again waited 2 days for a place, 25 days after first asking.
    assert found.value("wait_to_admission") == (6 + 2) / 2
    assert found.value("wait_to_first_dose") == (8 + 2) / 2
    assert found.value("admission_after_first_asking") == (6 + 25) / 2
    assert found.value("first_dose_after_first_asking") == (8 + 25) / 2
    assert found.value("first_dose_within_7_days") == 0
    assert found.value("first_dose_within_30_days") == 2 / 6
    assert found.value("days_waiting") == (6 + 10 + 5 + 60 + 7 + 60) / 6


def test_who_is_admitted_and_dosed_on_the_day_of_asking_has_not_waited():
    found = measure(make_run([Person("t" * 90, fields={"first_dose_day": 0})]))
    for goal in ("admission", "first_dose"):
        assert found.value(f"wait_to_{goal}") == 0
        assert found.value(f"{goal}_after_first_asking") == 0


@pytest.mark.parametrize(("dosed", "within"), [(6, 1), (7, 0)])
def test_the_seventh_day_from_asking_is_the_last_of_seven(dosed, within):
    person = Person("w" * dosed + "t" * 90, fields={"first_dose_day": dosed})
    assert measure(make_run([person])).value("first_dose_within_7_days") == within


@pytest.mark.parametrize(("followed", "told"), [(6, False), (7, True), (8, True)])
def test_a_dose_within_seven_days_is_told_where_people_are_followed_for_seven(followed, told):
    person = Person("t" * 90, fields={"first_dose_day": 0})
    found = measure(make_run([person], small_scenario(follow_up=followed)))
    assert np.isnan(found.value("first_dose_within_7_days")) != told


def test_who_had_no_dose_does_not_enter_the_wait_for_it():
    found = measure(make_run([SERVED, Person("w" * 2 + "t" * 80)]))
    assert found.value("wait_to_admission") == (6 + 2) / 2
    assert found.value("wait_to_first_dose") == 8


def test_the_median_wait_is_that_of_the_person_in_the_middle():
    waits = [1, 2, 3, 30]
    people = [
        Person("w" * days + "t" * 60, fields={"first_dose_day": days, "female": days > 2})
        for days in waits
    ]
    found = measure(make_run([*people, LOST]))
    assert found.value("median_wait_to_admission") == 2.5
    assert found.value("median_wait_to_admission", "women") == 16.5
    assert measure(make_run(people[:3])).value("median_wait_to_admission") == 2
    assert np.isnan(measure(make_run([LOST])).value("median_wait_to_admission"))
    assert np.isnan(measure(make_run([LOST])).value("wait_to_admission"))


def test_medians_agree_with_numpy_for_any_group():
    luck = np.random.default_rng(3)
    waits = luck.integers(0, 40, 60)
    people = [
        Person("w" * int(days) + "t" * 60, fields={"female": luck.random() < 0.5, "age": 30.0})
        for days in waits
    ]
    run = make_run(people)
    women = run.patients["female"]
    found = measure(run)
    assert found.value("median_wait_to_admission", "women") == np.median(waits[women])
    assert found.value("median_wait_to_admission", "men") == np.median(waits[~women])


def test_ends_of_the_first_wait_sum_to_everybody():
    curves = measure(make_run(EVERYBODY)).curves
    ended = curves["admitted"] + curves["lost while waiting"] + curves["dead while waiting"]
    assert ended[-1] == pytest.approx(4 / 6)
    assert curves["admitted"][6] == 0
    assert curves["admitted"][7] == pytest.approx(1 / 6)
    assert curves["first dose"][9] == pytest.approx(1 / 6)


def test_overdoses_are_told_by_where_people_stood():
    # Waiting; in care; ten days after leaving; 29 days after leaving. One life each.
    life = "w" * 5 + "t" * 10 + "o" * 60
    people = [Person(life, overdoses=(day,)) for day in (2, 9, 25, 44)]
    found = measure(make_run(people))
    for _, stem, _ in PLACES:
        assert found.value(f"nonfatal_overdoses_{stem}") == 25, stem
        assert found.value(f"fatal_overdoses_{stem}") == 0
    assert found.value("overdoses") == 100


def test_the_first_four_weeks_end_after_twenty_eight_days():
    life = "t" * 10 + "o" * 60  # left on day 10
    last, first_later = Person(life, overdoses=(37,)), Person(life, overdoses=(38,))
    assert measure(make_run([last])).value("nonfatal_overdoses_first_four_weeks_out") == 100
    assert measure(make_run([first_later])).value("nonfatal_overdoses_later") == 100


def test_a_fatal_overdose_is_an_overdose_and_a_death():
    fields = {"death_cause": int(Cause.OVERDOSE), "died_where": int(Where.IN_CARE)}
    found = measure(make_run([Person("t" * 20 + "x", overdoses=(4, 20), fields=fields)]))
    assert found.value("overdoses") == 200
    assert found.value("nonfatal_overdoses") == 100
    assert found.value("fatal_overdoses") == 100
    assert found.value("fatal_overdoses_in_care") == 100
    assert found.value("nonfatal_overdoses_in_care") == 100
    assert found.value("deaths_overdose") == found.value("deaths") == 100
    assert found.value("deaths_in_care") == 100


def test_what_happens_after_follow_up_is_not_counted():
    fields = {"death_cause": int(Cause.OTHER), "died_where": int(Where.IN_CARE)}
    found = measure(make_run([Person("t" * 65 + "x", overdoses=(64,), fields=fields)]))
    assert found.value("deaths") == 0
    assert found.value("overdoses") == 0
    assert found.value("left_any") == 0


def test_deaths_by_cause_and_by_place_both_sum_to_all_deaths():
    people = [
        Person("t" * 9 + "x", fields={"death_cause": cause, "died_where": where})
        for cause, where in ((1, 1), (2, 2), (3, 3), (3, 4))
    ]
    found = measure(make_run([*people, SERVED]))
    causes = [found.value(f"deaths_{cause}") for cause in ("overdose", "suicide", "other")]
    places = [found.value(f"deaths_{stem}") for _, stem, _ in PLACES]
    assert sum(causes) == pytest.approx(80) == pytest.approx(sum(places))
    assert found.curves["alive"][9] == 1
    assert found.curves["alive"][10] == pytest.approx(1 / 5)


def test_quality_of_life_weighs_days_by_use_and_care():
    # 60 days: 10 waiting and using, 20 in care of which 5 with use, 10 out without use, 20 dead.
    person = Person("w" * 10 + "t" * 20 + "o" * 10 + "x" * 30, used={*range(10), *range(12, 17)})
    run = make_run([person])
    weights = run.scenario.catalogue.costs.quality["public"]
    days = (
        10 * weights["using"].value
        + 5 * weights["using_in_care"].value
        + 15 * weights["not_using_in_care"].value
        + 10 * weights["not_using_out"].value
    )
    assert measure(run).value("qalys_public") == pytest.approx(days / DAYS_PER_YEAR)
    assert measure(run).value("qalys_patients") < measure(run).value("qalys_public")


def test_cost_to_others():
    person = Person("t" * 20 + "j" * 15 + "t" * 60, visited=set(range(0, 20, 2)), overdoses=(3,))
    run = make_run([person])
    costs = run.scenario.catalogue.costs
    expected = costs.overdose_event.value + 15 * costs.jail_day.value
    expected += 10 * costs.patient_visit.value
    assert measure(run).value("cost_to_others") == pytest.approx(expected)


def test_care_received():
    person = Person(
        "t" * 40 + "o" * 30,
        visited=set(range(0, 40, 4)),
        medicated=set(range(30)),
        fields={"visits_due": 20, "visits_kept": 15, "alliances_broken": 2},
    )
    run = make_run([person, SERVED, LOST])
    run.services["due"][:2] = 30, 10
    run.services["booked"][:2] = 25, 5
    run.services["kept"][:2] = 20, 4
    run.services["waited"][:2] = 8, 2
    run.roles["minutes_staffed"][:2] = 1000, 500
    run.roles["minutes_used"][:2] = 600, 450
    run.roles["departures"][0] = 3
    found = measure(run)
    assert found.value("attendance") == 15 / 20
    assert found.value("alliances_broken") == 100.0
    assert found.value("sessions_received") == 24 / 40
    assert found.value("sessions_not_fitting") == 10 / 40
    assert found.value("staff_time_used") == 1050 / 1500
    assert found.value("busiest_role") == 0.9
    assert found.value("staff_departures") == pytest.approx(3 * 365 / 90)
    assert found.value("overtime") == 0.0
    alone = measure(make_run([person]))
    assert alone.value("days_with_a_visit") == pytest.approx(10 / 40 * 30)
    assert alone.value("covered_by_medication") == pytest.approx(30 / 40)


def test_staff_turnover_vacancy_overtime_and_caseloads():
    """Three posts, a half one among them: counted by workers where people are meant."""
    run = make_run([SERVED])
    names = list(run.scenario.catalogue.roles)
    nurse, counsellor = names.index("nurse"), names.index("counsellor")
    run.roles["minutes_staffed"][[nurse, counsellor]] = 1000, 500
    run.roles["minutes_used"][[nurse, counsellor]] = 700, 540
    run.roles["minutes_overtime"][[nurse, counsellor]] = 0, 60
    run.roles["minutes_agency"][nurse] = 30
    run.days["intake_closed"][10:19] = 1.0
    dosing = list(run.scenario.catalogue.services).index("dosing")
    run.services["kept"][dosing : dosing + 2] = 80, 500
    run.services["beyond_minutes"][dosing] = 20
    run.roles["departures"][[nurse, counsellor]] = 1, 2
    run.roles["worker_days"][[nurse, counsellor]] = 90, 150
    run.roles["filled_days"] = 0.0
    run.roles["filled_days"][[nurse, counsellor]] = 45, 150
    run.roles["vacant_days"][counsellor] = 30
    run.roles["caseload_breaches"][counsellor] = 15
    run.days["in_care"] = 20.0
    found = measure(run)

    assert found.value("overtime") == 60 / 1500
    assert found.value("agency") == 30 / 1500
    assert found.value("doses_beyond_minutes") == 20 / 80
    assert found.value("intake_closed") == pytest.approx(9 * 365 / 90)
    assert found.value("staff_time_used") == (1240 - 60) / 1500
    assert found.value("busiest_role") == 480 / 500
    assert found.value("staff_turnover") == pytest.approx(3 * 365 / 240)
    assert found.value("staff_vacancy") == 30 / 225
    assert found.value("caseload_breaches") == 15 / 150
    assert found.value("caseload") == 20 * len(run.days) / 150


def test_a_year_of_staff_medication_and_services():
    run = make_run([SERVED])
    catalogue, costs = run.scenario.catalogue, run.scenario.catalogue.costs
    run.roles["departures"][0] = 1
    run.medication_days[list(catalogue.medications).index("methadone")] = 900
    run.patients["urines"][0] = 7
    counselling = list(catalogue.services).index("individual_counselling")
    run.services["kept"][counselling] = 40
    groups = list(catalogue.services).index("therapy_group")
    run.services["groups_held"][groups] = 12
    found = cost_of_run(run)
    wages = sum(
        post.posts * catalogue.roles[role].wage_per_year.value
        for role, post in run.scenario.staff.items()
    )
    before_overhead = wages * (1 + costs.fringe.value)
    staff = before_overhead * (1 + costs.overhead.value)
    to_a_year = 365 / 90
    assert staff_cost(run.scenario) == pytest.approx(before_overhead)
    assert found.overhead == pytest.approx(staff - before_overhead)
    assert found.staff == pytest.approx(staff + costs.hiring.value * to_a_year)
    methadone = catalogue.medications["methadone"].cost_per_day.value
    assert found.medication == pytest.approx(900 * methadone * to_a_year)
    service = catalogue.services["individual_counselling"]
    sessions = 40 * (
        service.cost_per_session.value + costs.room_per_session.value * service.minutes / 45
    )
    rest = 12 * costs.room_per_group.value + 7 * costs.urine_test.value
    assert found.services == pytest.approx((sessions + rest) * to_a_year)
    measured = measure(run)
    assert measured.value("cost_per_year") == pytest.approx(found.total)
    assert measured.value("cost_per_served") == pytest.approx(found.total * 30 / 365)
    assert measured.value("cost_per_retained") == pytest.approx(found.total * 30 / 365)


def test_cost_per_person_served_and_retained_counts_those_admitted_and_those_still_in_care():
    left = Person("t" * 20 + "o" * 70)
    found = measure(make_run([SERVED, SERVED, left, LOST]))
    spent = found.value("cost_per_year") * 30 / 365
    assert found.value("cost_per_served") == pytest.approx(spent / 3)
    assert found.value("cost_per_retained") == pytest.approx(spent / 2)
    assert np.isnan(measure(make_run([LOST])).value("cost_per_served"))


def test_a_practice_costs_its_price_once_every_so_many_days():
    """A training of 800 every quarter: 91 days of the clinic are one training."""
    scenario = small_scenario(services={"stigma_training": {"offered": True}})
    service = scenario.catalogue.services["stigma_training"]
    nothing = np.zeros(1, dtype=[("spent", "f8"), ("groups_held", "f8")])[0]
    for days, trainings in ((91, 1), (364, 4)):
        spent = spent_on(
            "stigma_training", service, nothing, Prices(scenario.catalogue), days / 365
        )
        assert service.every_days == 91
        assert spent == pytest.approx(trainings * service.cost_per_session.value)


def test_services_cost_what_was_spent_on_them_and_no_budget_is_paid_whole():
    rides = {"offered": True, "mode": "ride", "budget_per_month": 1000.0}
    scenario = small_scenario(services={"transport_aid": rides})
    run = make_run([SERVED], scenario)
    before = cost_of_run(make_run([SERVED], small_scenario())).services
    assert cost_of_run(run).services == before
    run.services["spent"][list(scenario.catalogue.services).index("transport_aid")] = 720.0
    assert cost_of_run(run).services - before == pytest.approx(720.0 * 365 / 90)


def test_prices_of_a_draw_are_shared_and_the_planners_own_are_not_drawn():
    from txsim.parameters.draw import PriorDraw

    scenario = small_scenario(economics={"prices": {"overdose_event": 4321.0}})
    drawn = Prices(scenario.catalogue, PriorDraw(5, 2))
    again = Prices(small_scenario().catalogue, PriorDraw(5, 2))
    assert drawn.cost("hiring") == again.cost("hiring")
    assert drawn.cost("hiring") != Prices(scenario.catalogue).cost("hiring")
    assert drawn.cost("overdose_event") == 4321.0


def test_the_waiting_list_by_day_of_the_run():
    found = measure(make_run(EVERYBODY))
    waiting = found.curves["waiting list"]
    assert waiting[0] == 6
    assert waiting[8] == 3  # one served, one lost for a while, one dead
    assert found.value("people_waiting_a_day") == pytest.approx(np.mean(waiting))


def test_deaths_of_an_overdose_are_those_of_that_cause_alone() -> None:
    """Of three people, one dies of an overdose, one of another cause, and one lives."""
    died = {"died_day": 20, "died_where": int(Where.IN_CARE)}
    found = measure(
        make_run(
            [
                Person("i" * 20 + "x" * 50, fields=died | {"death_cause": int(Cause.OVERDOSE)}),
                Person("i" * 20 + "x" * 50, fields=died | {"death_cause": int(Cause.OTHER)}),
                Person("i" * 70),
            ]
        )
    )

    assert found.value("deaths_overdose") == pytest.approx(100.0 / 3.0)
    assert found.value("deaths") == pytest.approx(200.0 / 3.0)


def test_who_never_left_is_not_among_those_who_may_come_back() -> None:
    """One leaves and comes back, one leaves for good, one stays: half of those who left."""
    found = measure(
        make_run(
            [
                Person("i" * 10 + "o" * 10 + "i" * 50),
                Person("i" * 10 + "o" * 60),
                Person("i" * 70),
            ]
        )
    )

    assert found.value("came_back") == 0.5
