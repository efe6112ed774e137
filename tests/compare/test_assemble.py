"""Running designs against each other: what is handed on, what is refused, and real runs."""

from dataclasses import replace
from importlib import import_module
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pytest

import txsim
from txsim.compare import Comparison, compare, summarise
from txsim.compare.assemble import check_designs, make_command, spent_before_overhead
from txsim.errors import ScenarioError
from txsim.outcomes import measure
from txsim.outcomes.families.harm import PLACES
from txsim.outcomes.follow_up import Followed
from txsim.scenario import load
from txsim.workload import PEOPLE, RoleLoad
from txsim.workload import PLACES as CLINIC_PLACES

from ..outcomes.made_runs import small_scenario
from .made_comparisons import made_run


@pytest.fixture
def asked_for(monkeypatch):
    """Made runs in place of simulated ones; the arguments of each call are kept."""
    calls = []

    def replicate(scenarios, **how):
        calls.append({"names": [one.name for one in scenarios], **how})
        found = [
            [how["observe"](made_run(one, r, 5.0)) for r in range(how["replications"])]
            for one in scenarios
        ]
        if keep := how.get("keep"):
            for replication, each in enumerate(zip(*found, strict=True)):
                keep(replication, each)
        return found

    # The package shows the function of that name, not the module.
    monkeypatch.setattr(import_module("txsim.run"), "replicate", replicate)
    monkeypatch.setattr(import_module("txsim.workload"), "weekly_load", lambda design: [])
    return calls


def two_designs():
    first = small_scenario().with_changes(name="today")
    return [first, first.with_changes(name="two-more", **{"staff.counsellor.posts": 9.0})]


def test_replications_are_run_once_for_all_designs_and_judged_where_they_were_made(asked_for):
    seen = []
    found = compare(
        two_designs(), replications=9, seed=7, workers=1, progress=lambda *at: seen.append(at)
    )
    (call,) = asked_for
    assert call["names"] == ["today", "two-more"]
    assert call["observe"] is measure
    assert (call["seed"], call["replications"], call["uncertainty"]) == (7, 12, True)
    assert found.replications_each == 12
    assert found.draws == 3
    told = "9 replications were asked for and 12 run: every 4 share a draw of what is not known."
    assert told in found.notes
    assert found.manifest["command"] == "txsim compare today two-more --replications 12 --seed 7"
    assert (found.manifest["seed"], found.manifest["draws"]) == (7, 3)


def test_without_uncertainty_there_are_no_draws(asked_for):
    found = compare(two_designs(), replications=4, uncertainty=False, workers=1)
    assert asked_for[0]["uncertainty"] is False
    assert found.draws == 0
    assert found.manifest["draws"] == 0
    assert found.manifest["command"].endswith("--without-uncertainty")


def test_a_design_that_asks_for_more_than_it_has_is_told(asked_for, monkeypatch):
    loads = [
        RoleLoad("counsellor", "Counsellor", 1200.0, 1000.0),
        RoleLoad("therapy_group", "Seats: Therapy group", 30.0, 20.0),
        RoleLoad("transport_aid", "Budget: Transport aid", 60.0, 40.0, "USD a week"),
        RoleLoad(CLINIC_PLACES, "Places", 33.0, 30.0),
        RoleLoad("nurse", "Nurse", 10.0, 1000.0),
        RoleLoad("driver", "Driver", 10.0, 0.0),
        RoleLoad("case_manager", "Case manager", 9.0, 6.0, stand_ins=("Therapist", "Nurse")),
        RoleLoad("front_desk", "Front desk", 9.0, 0.0, stand_ins=("Driver",)),
        RoleLoad("nurse", "Nurse", 13.0, 10.0),
        RoleLoad("nurse", "Nurse", 13.0, 0.0),
        RoleLoad("hours", "Open outside nine to five", 6.5, 4.6, "hours a day"),
    ]
    monkeypatch.setattr(import_module("txsim.workload"), "weekly_load", lambda design: loads)
    assert compare(two_designs()[:1], replications=4, workers=1).notes[:10] == [
        "Plans ask for 120 minutes of a counsellor's time for every 100 there are, so sessions "
        "will wait.",
        "Plans ask for 150 seats in the therapy group for every 100 there are, so people will "
        "wait for a seat.",
        "Plans ask for 150 USD of transport aid for every 100 in its budget, so some weeks it will "
        "run out.",
        "On the first day 110 people are in care for every 100 places.",
        "Nobody is there as driver, though plans ask for one, so what takes that time is not "
        "given.",
        "Plans ask for 150 minutes of a case manager's time for every 100 there are, so sessions "
        "will wait where no therapist or nurse has time to stand in.",
        "Nobody is there as front desk, though plans ask for one, so what takes that time is not "
        "given but by a driver who has time to spare.",
        "Plans ask for 130 minutes of a nurse's time for every 100 there are, so doses take "
        "overtime or an agency, and sessions will wait.",
        "The posts of the role Nurse leave no minutes for patients once meetings, supervision and "
        "leave are taken off, so an agency gives the doses, and what else takes that time is not "
        "given.",
        "The posts can staff 4.6 of the 6.5 hours a day outside nine to five, and the others help "
        "nobody to come.",
    ]
    several = compare(two_designs(), replications=4, workers=1).notes
    assert sum(note.startswith("All designs: plans ask for 120 minutes") for note in several) == 1


def test_posts_without_minutes_are_not_told_as_nobody(asked_for, monkeypatch):
    loads = [RoleLoad("counsellor", "Counsellor", 1200.0, 0.0)]
    monkeypatch.setattr(import_module("txsim.workload"), "weekly_load", lambda design: loads)
    assert compare(two_designs()[:1], replications=4, workers=1).notes[0] == (
        "The posts of the role Counsellor leave no minutes for patients once meetings, supervision "
        "and leave are taken off, so what takes that time is not given."
    )


def test_a_role_that_is_hardly_asked_for_is_told_with_the_line_of_its_posts(
    asked_for, monkeypatch, tmp_path
):
    idle = [RoleLoad("counsellor", "Counsellor", 200.0, 1000.0)]
    places = [RoleLoad(CLINIC_PLACES, "Places", 57.0, 60.0, PEOPLE)]
    told = (
        "Plans ask for 20 minutes of the time of the role Counsellor for every 100 there are: see "
        "whether its posts and the minutes of its sessions are what was meant."
    )

    def first_note(loads, design):
        monkeypatch.setattr(import_module("txsim.workload"), "weekly_load", lambda design: loads)
        return compare([design], replications=4, workers=1).notes[0]

    (tmp_path / "idle.toml").write_text(
        'extends = "baseline"\n[clinic]\nplaces = 12\n[staff]\ncounsellor = { posts = 2.0 }\n'
    )
    written = load(tmp_path / "idle.toml")
    assert first_note(idle + places, two_designs()[0]) == told
    assert first_note(idle + places, written) == told.removesuffix(".") + (
        f" ({tmp_path / 'idle.toml'}:5)."
    )
    half = [RoleLoad(CLINIC_PLACES, "Places", 20.0, 60.0, PEOPLE)]
    assert first_note(idle + half, two_designs()[0]) != told
    anyway = [replace(idle[0], is_there_anyway=True)]
    assert first_note(anyway + places, two_designs()[0]) != told


def test_one_design_alone(asked_for):
    found = summarise(small_scenario(), replications=4, workers=1, command="txsim run mine.toml")
    assert found.differences.empty
    assert found.manifest["command"] == "txsim run mine.toml"


def test_designs_that_cannot_be_told_apart_are_refused():
    one = small_scenario()
    with pytest.raises(ScenarioError, match="two designs have the name small"):
        check_designs([one, one.with_changes(**{"staff.counsellor.posts": 2.0})])
    with pytest.raises(ScenarioError, match="no design to run"):
        compare([])
    with pytest.raises(ValueError, match="at least one replication"):
        compare([one], replications=0)


def test_the_command_says_all_that_matters():
    how = {"replications": 5, "seed": 2, "uncertainty": False, "equal_money": "staff.nurse.posts"}
    told = make_command([small_scenario().with_changes(name="my clinic")], how)
    assert told == (
        "txsim run 'my clinic' --replications 5 --seed 2 --without-uncertainty "
        "--equal-money staff.nurse.posts"
    )


def test_equal_money_makes_yearly_costs_equal(asked_for):
    van = {"transport_aid": {"offered": True, "mode": "van", "budget_per_month": 9000.0}}
    designs = [small_scenario().with_changes(name="today")]
    more = {"staff.counsellor.posts": 10.0}
    designs.append(designs[0].with_changes(name="van", services=van, **more))
    found = compare(designs, replications=8, workers=1, equal_money="staff.counsellor.posts")
    *pilots, main = asked_for
    pilot = pilots[0]
    assert pilot["observe"] is spent_before_overhead
    assert pilot["replications"] < main["replications"] == 8
    assert len(pilots) == 2, "moved once, and found equal"
    costs = found.costs["total"]
    # The van's rides are not taken in a made run, so the money set aside for them is not spent.
    assert costs[1] == pytest.approx(costs[0], rel=1e-3)
    assert found.designs[1].value("staff.counsellor.posts") == pytest.approx(
        designs[0].value("staff.counsellor.posts"), rel=1e-3
    )
    assert found.notes[0].startswith("To cost as much as Today, staff.counsellor.posts was changed")
    assert found.manifest["equal_money"] == "staff.counsellor.posts"
    assert "do not cost the same" not in " ".join(found.notes)


def test_a_lever_is_moved_three_times_and_then_left(asked_for, monkeypatch):
    """What is spent beyond the fixed cost may change with the lever and never be found equal."""
    monkeypatch.setattr(import_module("txsim.compare.assemble"), "EQUAL_ENOUGH", -1.0)
    designs = two_designs()
    found = compare(designs, replications=4, workers=1, equal_money="staff.counsellor.posts")
    *pilots, _ = asked_for
    assert len(pilots) == 3
    assert found.designs[1].value("staff.counsellor.posts") == pytest.approx(
        designs[0].value("staff.counsellor.posts"), rel=1e-3
    )


@pytest.fixture(scope="module")
def cohort():
    """A closed cohort small enough for a test, with leaving, use and overdoses in it."""
    return load("baseline").with_changes(
        name="cohort",
        horizon={"days": 150, "burn_in_days": 0},
        arrivals={"cohort": 120},
        clinic={"places": 90},
    )


@pytest.fixture(scope="module")
def run_of_cohort(cohort):
    return txsim.run(cohort, seed=3)


def test_in_a_cohort_outcomes_agree_with_the_records_of_the_run(run_of_cohort):
    patients = run_of_cohort.patients[run_of_cohort.patients["counted"]]
    assert len(patients) == 120
    found = measure(run_of_cohort)
    assert found.value("days_in_care") == pytest.approx(patients["days_in_care"].mean())
    assert found.value("overdoses") == pytest.approx(100 * patients["overdoses"].mean())
    for (_, stem, _), field in zip(
        PLACES, ("waiting", "in_care", "first_4_weeks", "later"), strict=True
    ):
        here = found.value(f"nonfatal_overdoses_{stem}") + found.value(f"fatal_overdoses_{stem}")
        assert here == pytest.approx(100 * patients[f"overdoses_{field}"].mean()), stem
    assert found.value("deaths") == pytest.approx(100 * (patients["died_day"] >= 0).mean())
    assert found.value("people_served") == np.sum(patients["first_admitted_day"] >= 0)
    kept, due = patients["visits_kept"].sum(), patients["visits_due"].sum()
    assert found.value("attendance") == pytest.approx(kept / due)


def test_in_a_real_run_everybody_is_accounted_for(run_of_cohort):
    people = Followed.who_asked(run_of_cohort)
    found = measure(run_of_cohort)
    reasons = [outcome for outcome in found.exits]
    assert sum(reasons) == pytest.approx(120 * found.value("left_any"))
    assert (people.days_in_care + people.waiting.sum(axis=1) <= people.days_alive).all()
    assert found.value("retained_30") <= found.value("share_served")
    assert found.value("days_used") + found.value("days_abstinent") == pytest.approx(1.0)
    assert found.value("cost_per_year") > 0


def test_real_designs_alike_differ_by_nothing_and_unlike_ones_by_something(cohort, tmp_path):
    longer = cohort.with_changes(name="no-counsellors", **{"staff.counsellor.posts": 0.0})
    same = cohort.with_changes(name="same")
    found = compare([cohort, same, longer], replications=8, seed=5, workers=1)
    table = found.differences
    assert (table.loc[table["scenario"] == "same", "verdict"] == "the same").all()
    changed = table.loc[table["scenario"] == "no-counsellors", "verdict"]
    assert (changed != "the same").any()
    assert found.paired
    assert (found.save(tmp_path / "out") / "outcomes.csv").stat().st_size > 10_000


def test_a_later_design_s_own_opening_is_told_where_it_is_not_used():
    """It goes on from the first design's, so its caseload and burn-in change nothing here."""
    from txsim.compare.notes import _opening_of_the_first

    def notes(**changes):
        first = small_scenario().with_changes(name="first", **changes)
        later = first.with_changes(name="later", clinic={"caseload_at_start": 0.4})
        same = first.with_changes(name="same", horizon={"burn_in_days": 90})
        return _opening_of_the_first(SimpleNamespace(designs=[first, later, same]))

    assert notes() == [
        'Later: clinic.caseload_at_start has no effect with start = "shared": the caseload and the '
        "list on day 0 are those of First."
    ]
    assert notes(horizon={"start": "own steady state"}) == []
    assert notes(horizon={"start": "empty"}) == []
    assert notes(arrivals={"cohort": 40}) == []


def test_a_later_designs_locale_is_said_to_have_no_effect(asked_for):
    first, second = two_designs()
    found = compare([first, second.with_changes(report={"locale": "en-US"})], 4, workers=1)
    told = "report.locale has no effect: all is told as Today says (en-GB)"
    assert any(told in note for note in found.notes), found.notes
    assert not any("report.locale" in note for note in compare([first, second], 4).notes)


def test_a_later_designs_margins_are_said_to_have_no_effect(asked_for):
    first, second = two_designs()
    later = second.with_changes(decision={"margins": {"retained_30": 0.05}})
    told = "decision.margins has no effect: all is told as Today says"
    assert any(told in note for note in compare([first, later], 4, workers=1).notes)


def test_a_margin_for_an_outcome_that_there_is_not_is_refused():
    first, second = two_designs()
    wrong = first.with_changes(decision={"margins": {"retained_356": 0.05}})
    told = "decision.margins.retained_356: there is no outcome .*did you mean 'retained_365'"
    with pytest.raises(ScenarioError, match=told):
        compare([wrong, second], 4, workers=1)


def test_one_replication_may_be_asked_for(asked_for):
    """It is run as the four that share a draw; none is refused."""
    found = compare(two_designs(), replications=1, workers=1)

    assert found.manifest["replications"] == 4
    with pytest.raises(ValueError, match="at least one replication"):
        compare(two_designs(), replications=0, workers=1)


def test_what_designs_spend_is_learnt_at_central_values(asked_for):
    """So that the lever ends where it does whatever is drawn afterwards."""
    compare(two_designs(), replications=4, workers=1, equal_money="staff.counsellor.posts")

    assert [call["uncertainty"] for call in asked_for][:-1] == [False] * (len(asked_for) - 1)
    assert asked_for[-1]["uncertainty"] is True


def test_retention_is_told_for_a_year_unless_another_day_is_named():
    for table in (Comparison.retained, Comparison.relapse_free):
        assert signature(table).parameters["day"].default == 365
