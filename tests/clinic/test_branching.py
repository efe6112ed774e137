"""A later design has its own people, and a change begins when it says, in every start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.clinic.lineage import lived, path_of, paths_of
from txsim.economics import Prices, cost_of_run, staff_cost, wages_of, years_paid
from txsim.errors import ScenarioError
from txsim.people.population import PRESENT
from txsim.run import Run, record, run
from txsim.scenario import Scenario, load
from txsim.scenario.roster import COLUMNS
from txsim.state.events import ADMITTED, NEVER, Kind, Status

from ..model.small_clinics import bytes_of, field_bytes, small

KNOWN_WHEN_ASKING = (
    "key", "person", "arrives", "stream", "substance", "age", "female", "injecting",
    "stimulant_use", "benzodiazepine_use", "fentanyl", "pregnant", "detoxified", "severity",
    "frailty", "distance_km", "use_days_30", "preference",
)  # fmt: skip
HORIZON = {"days": 30, "follow_up_days": 20, "burn_in_days": 10}
ONE = {
    "age": "22", "sex": "male", "substance": "opioid", "stream": "self", "distance_km": "2",
    "use_days": "3", "detoxified": "no", "medication": "methadone", "injecting": "no",
    "fentanyl": "no", "prescription_opioids": "no", "stimulant_use": "no",
    "benzodiazepine_use": "no", "unemployed": "no", "pregnant": "no", "family_involved": "no",
    "earlier_episodes": "no", "diagnoses": "none", "barriers": "none",
}  # fmt: skip
"""Somebody in a roster."""
OTHER = {
    "age": "61", "sex": "female", "substance": "alcohol", "stream": "court", "distance_km": "70",
    "use_days": "30", "detoxified": "yes", "medication": "buprenorphine", "injecting": "yes",
    "fentanyl": "yes", "prescription_opioids": "yes", "stimulant_use": "yes",
    "benzodiazepine_use": "yes", "unemployed": "yes", "pregnant": "yes", "family_involved": "yes",
    "earlier_episodes": "yes", "diagnoses": "ptsd", "barriers": "transport",
}  # fmt: skip
"""What somebody else has in each column."""


def tiny(**changes: Any) -> Scenario:
    horizon = {**HORIZON, **changes.pop("horizon", {})}
    return small().with_changes(name="tiny", horizon=horizon, **changes)


def with_roster(folder: Path, name: str, person: dict[str, str]) -> Scenario:
    """The tiny clinic, asked by people like this one."""
    rows = [",".join(COLUMNS)]
    for number in range(12):
        cells = {"person": f"p{number}", **person}
        rows.append(",".join(cells[column] for column in COLUMNS))
    (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    text = tiny(medication={"assign": "by preference"}).to_toml()
    text = text.replace('mix = "outpatient opioid programme"', f'roster = "{name}.csv"')
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load(folder / f"{name}.toml")


def those_to_come(clinic: Clinic) -> dict[str, bytes]:
    """All that is fixed about the people who first ask on day 0 or later, when they ask."""
    people = clinic.people
    rows = (people.patients["arrives"] >= 0) & (people.patients["person"] < PRESENT)
    assert rows.sum() > 10
    held = {name: people.patients[name][rows].tobytes() for name in KNOWN_WHEN_ASKING}
    return held | {
        "features": people.features[rows].tobytes(),
        "burdens": people.burdens[rows].tobytes(),
        "needs": clinic.came_with[rows].tobytes(),
    }


def assert_own_people(first: Scenario, second: Scenario) -> None:
    """Whoever asks later under the second design is who would ask if it stood alone."""
    together, alone = lived([first, second], 0, 7, 1)[1], lived([second], 0, 7, 1)[0]
    assert those_to_come(together) == those_to_come(alone)


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - {"person"}))
def test_a_later_design_has_the_people_of_its_own_roster(tmp_path: Path, column: str) -> None:
    changed = {**ONE, column: OTHER[column]}
    if column in ("pregnant", "prescription_opioids"):
        changed["sex"] = "female"
    if column == "substance":
        changed["medication"] = ""
    first = with_roster(tmp_path, "first", ONE)
    second = with_roster(tmp_path, "second", changed)

    assert those_to_come(lived([first], 0, 7, 1)[0]) != those_to_come(lived([second], 0, 7, 1)[0])
    assert_own_people(first, second)


@pytest.mark.parametrize(
    "change",
    [
        {"population": {"shares": {"fentanyl": 0.9}}},
        {"population": {"shares": {"depression": 0.9}}},
        {"population": {"shares": {"transport": 0.9}}},
        {"population": {"distance_km": {"median": 60.0, "p90": 90.0}}},
        {"population": {"mix": "rural opioid programme"}},
        {"arrivals": {"per_week": 7.5}},
        {"arrivals": {"streams": {"court": 1.0}}},
        {"barriers": {"transport": {"burden": 0.9}}},
        {"diagnoses": {"hay_fever": {"label": "Hay fever", "opioid": 0.5}}},
    ],
    ids=str,
)
def test_a_later_design_has_the_people_of_its_own_population(change: dict[str, Any]) -> None:
    second = tiny().with_changes(name="second", **change)

    assert those_to_come(lived([tiny()], 0, 7, 1)[0]) != those_to_come(lived([second], 0, 7, 1)[0])
    assert_own_people(tiny(), second)


def test_designs_that_open_empty_are_lived_as_each_would_be_alone() -> None:
    first = tiny().with_changes(horizon={"start": "empty"})
    second = first.with_changes(name="second", population={"shares": {"fentanyl": 0.9}})

    together = record(lived([first, second], 0, 7, 0)[1])
    assert bytes_of(together) == bytes_of(run(second, 0, 7))


def test_who_asks_after_day_0_does_not_hang_on_the_burn_in() -> None:
    asking = []
    for burn_in in (0, 10, 40):
        clinic = Clinic(tiny(horizon={"burn_in_days": burn_in}), 0, 7)
        asking.append(those_to_come(clinic))
        clinic.close()
    assert asking[0] == asking[1] == asking[2]


def test_people_known_to_the_clinic_stay_who_they_are() -> None:
    """In care, waiting and gone: as the first design has them, features and all."""
    second = tiny().with_changes(
        name="second", population={"shares": {"fentanyl": 0.95}, "mix": "rural opioid programme"}
    )
    first, later = lived([tiny(), second], 0, 7, 1)
    known = first.people.patients["arrives"] < 0
    assert known.sum() > 40
    count = int(known.sum())

    for name in KNOWN_WHEN_ASKING:
        before, now = first.people.patients[name][:count], later.people.patients[name][:count]
        assert (before == now).all(), name
    assert (first.people.features[:count] == later.people.features[:count]).all()
    assert (first.came_with[:count] == later.came_with[:count]).all()


def test_a_medication_and_a_stream_are_known_by_name() -> None:
    """A first design with one of its own in front of the others moves nobody to another one."""
    own = {
        "medications": {"slow_oral": {**medication_like("methadone"), "label": "Slow oral"}},
        "medication": {"assign": {"methadone": 0.4, "buprenorphine": 0.3, "slow_oral": 0.3}},
    }
    first = tiny().with_changes(name="first", **own)
    before, after = lived([first, tiny()], 0, 7, None)
    names = before.parameters.medication_names
    known = before.people.patients["arrives"] < 0
    count = int(known.sum())
    had = [names[one] for one in Clinic(first, 0, 7).state.patients["medication"][:count]]
    assert "slow_oral" in had
    assert "slow_oral" not in after.parameters.medication_names
    assert (after.state.patients["medication"] < len(after.parameters.medication_names)).all()


def medication_like(name: str) -> dict[str, Any]:
    entry = small().catalogue.medications[name].model_dump(by_alias=True, exclude_unset=True)
    return {key: value for key, value in entry.items() if value is not None}


# --- a change that begins later


MORE = {
    "staff": {"counsellor": {"posts": 3.0}, "case_manager": {"posts": 1.0}},
    "services": {"case_management": {"offered": True}},
}
STARTS: dict[str, dict[str, Any]] = {
    "shared": {},
    "own steady state": {"horizon": {"start": "own steady state"}},
    "empty": {"horizon": {"start": "empty"}},
    "cohort": {"arrivals": {"cohort": 40}},
}


@pytest.mark.parametrize("start", STARTS)
def test_until_its_change_begins_a_design_is_the_first(start: str) -> None:
    first = tiny(**STARTS[start])
    later = first.with_changes(name="later", change={"from_week": 2}, **MORE)
    one, other = (record(clinic) for clinic in lived([first, later], 0, 7, 1))

    before, known = 14, one.patients["arrives"] < 14
    assert (one.calendar[:before, known] == other.calendar[:before, known]).all()
    assert field_bytes(one.days[:before]) == field_bytes(other.days[:before])
    assert other.received[:, list(later.catalogue.services).index("case_management")].sum() > 0
    assert field_bytes(one.days) != field_bytes(other.days)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("week", [8, 100])
def test_a_change_after_the_end_changes_nothing(start: str, week: int) -> None:
    first = tiny(**STARTS[start])
    later = first.with_changes(name="later", change={"from_week": week}, **MORE)
    one, other = (record(clinic) for clinic in lived([first, later], 0, 7, 1))

    assert one.events.tobytes() == other.events.tobytes()
    assert one.calendar.tobytes() == other.calendar.tobytes()
    assert field_bytes(one.patients) == field_bytes(other.patients)
    assert field_bytes(one.days) == field_bytes(other.days)


def test_a_design_alone_changes_from_the_one_it_extends(tmp_path: Path) -> None:
    """From the nearest that differs: what is extended may say the same and nothing of a change."""
    today = tiny()
    (tmp_path / "today.toml").write_text(today.to_toml(), encoding="utf-8")
    more = "[services.case_management]\noffered = true\n[staff]\ncase_manager = { posts = 1.0 }\n"
    (tmp_path / "more.toml").write_text(f'extends = "today.toml"\n{more}', encoding="utf-8")
    when = 'extends = "more.toml"\n[change]\nfrom_week = 3\n'
    (tmp_path / "alone.toml").write_text(when, encoding="utf-8")
    alone, today = load(tmp_path / "alone.toml"), load(tmp_path / "today.toml")

    assert [one.name for one, _ in path_of(alone)] == ["today", "alone"]
    changed, plain = run(alone, 0, 7), run(today, 0, 7)
    assert field_bytes(changed.days[:21]) == field_bytes(plain.days[:21])
    assert field_bytes(changed.days[21:]) != field_bytes(plain.days[21:])
    taken_up = changed.events[changed.events["kind"] == Kind.TOOK_UP_SERVICE]
    number = list(alone.catalogue.services).index("case_management")
    assert taken_up[taken_up["detail"] == number]["day"].min() >= 21


def test_a_first_design_changes_and_later_ones_go_on_from_it() -> None:
    today = tiny()
    first = today.with_changes(name="first", change={"from_week": 3}, **MORE)
    fewer = {"staff": {"counsellor": {"posts": 0.2}}}
    at_once = today.with_changes(name="at-once", **fewer)
    after = today.with_changes(name="after", change={"from_week": 5}, **fewer)
    paths = paths_of([first, at_once, after])

    assert [[one.name for one, _ in path] for path in paths] == [
        ["tiny", "first"],
        ["tiny", "at-once"],
        ["tiny", "first", "after"],
    ]
    assert [[day for _, day in path] for path in paths] == [[None, 21], [None, 0], [None, 21, 35]]
    one, other, last = (record(clinic) for clinic in lived([first, at_once, after], 0, 7, 0))
    assert bytes_of(one) == bytes_of(run(first, 0, 7))
    assert field_bytes(one.days[:35]) == field_bytes(last.days[:35])
    assert field_bytes(one.days[:21]) != field_bytes(other.days[:21])


def test_a_change_from_nothing_is_refused(tmp_path: Path) -> None:
    text = tiny().to_toml() + "\n[change]\nfrom_week = 3\n"
    text = text.replace("[change]\nfrom_week = 0\nramp_weeks = 0\n", "")
    (tmp_path / "alone.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="nothing says how the clinic is run until then"):
        run(load(tmp_path / "alone.toml"))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"arrivals": {"cohort": 30}}, "arrivals.cohort"),
        ({"horizon": {"days": 40}}, "horizon.days"),
        ({"horizon": {"follow_up_days": 40}}, "horizon.follow_up_days"),
        ({"horizon": {"start": "empty"}}, "horizon.start"),
    ],
)
def test_a_change_into_another_sort_of_study_is_refused(change: dict[str, Any], key: str) -> None:
    later = tiny().with_changes(name="later", change={"from_week": 2}, **change)
    with pytest.raises(ScenarioError, match="must be the same in both") as refused:
        lived([tiny(), later], 0, 7, None)
    assert refused.value.problems[0].path == key


def test_a_cohort_is_enrolled_by_the_plan_of_its_first_day() -> None:
    first = tiny(arrivals={"cohort": 40})
    later = first.with_changes(name="later", change={"from_week": 2}, arrivals={"enrolled": True})
    with pytest.raises(ScenarioError, match="must be the same in both") as refused:
        lived([first, later], 0, 7, None)
    assert refused.value.problems[0].path == "arrivals.enrolled"


def test_a_cohort_goes_from_interim_doses_to_standard_care() -> None:
    """A trial's change of plan: until its day nothing differs, and then places open to all.

    Alone or beside the design that it extends, it is the same.
    """
    waiting = small().with_changes(
        name="waiting",
        horizon={"days": 60},
        arrivals={"cohort": 80},
        clinic={"places": 0, "waiting_list": {"interim_dosing": True}},
        staff={"counsellor": {"posts": 9.0}, "nurse": {"posts": 9.0}},
    )
    later = waiting.with_changes(
        name="later",
        clinic={"places": 80, "waiting_list": {"interim_dosing": False, "same_day_start": 1.0}},
        change={"from_week": 4},
    )
    one, other = (record(clinic) for clinic in lived([waiting, later], 0, 7, None))
    alone = run(later, 0, 7, uncertainty=False)
    until = one.events["day"] < 28
    same_until = other.events["day"] < 28

    assert bytes_of(alone) == bytes_of(other)
    assert (one.calendar[:28] == other.calendar[:28]).all()
    assert field_bytes(one.days[:28]) == field_bytes(other.days[:28])
    assert field_bytes(one.events[until]) == field_bytes(other.events[same_until])
    assert (one.patients["first_admitted_day"] == NEVER).all()
    admitted = other.patients["first_admitted_day"]
    dosed = one.calendar[27] & 15 == Status.WAITING
    assert dosed.sum() > 30
    assert (admitted[dosed] >= 28).mean() > 0.8


def test_a_ramp_fills_new_posts_over_its_weeks_in_every_start() -> None:
    for start, changes in STARTS.items():
        first = tiny(**changes)
        later = first.with_changes(
            name="later", change={"ramp_weeks": 4}, staff={"counsellor": {"posts": 5.0}}
        )
        clinic = lived([first, later], 0, 7, None)[1]
        role = clinic.parameters.role_names.index("counsellor")
        begins = clinic.state.staff["from_day"][clinic.state.staff["role"] == role]
        assert sorted(day for day in begins if day != NEVER) == [0, 9, 18], start


# --- what is paid


def wages(held: Run) -> float:
    """A year's wages with fringe benefits, by the posts that were paid."""
    spent = sum(
        wages_of(one.scenario, years_paid(one), Prices(one.scenario.catalogue))
        for one in held.accounts
    )
    return spent * 365 / sum(one.days for one in held.accounts)


def paid(first: Scenario, later: Scenario) -> tuple[float, float]:
    """Wages of both designs, in one replication under central values."""
    one, other = (record(clinic) for clinic in lived([first, later], 0, 7, None))
    return wages(one), wages(other)


@pytest.mark.parametrize("start", STARTS)
def test_posts_are_paid_from_the_day_they_begin(start: str) -> None:
    """Steady staff for 30 paid days: two posts more from a day on cost that share of their wage."""
    steady = {"mechanisms": {"turnover": False}}
    first = tiny(**steady, **STARTS[start]).with_changes(**{"staff.counsellor.posts": 1.0})
    wage = first.catalogue.roles["counsellor"].wage_per_year.value
    whole = 2.0 * wage * (1.0 + first.catalogue.costs.fringe.value)
    more = {"staff": {"counsellor": {"posts": 3.0}}}
    for change, share in (
        ({"from_week": 2}, 16 / 30),
        ({"from_week": 4}, 2 / 30),
        ({"ramp_weeks": 2}, (30 + 23) / 60),
        ({"from_week": 5}, 0.0),
        ({"from_week": 100}, 0.0),
    ):
        before, after = paid(first, first.with_changes(name="later", change=change, **more))
        assert after - before == pytest.approx(share * whole, rel=1e-9, abs=0.0), change
        assert share > 0.0 or after == before


def test_prices_are_paid_as_they_are_on_each_day() -> None:
    first = tiny(mechanisms={"turnover": False})
    dear = {"economics": {"prices": {"room_per_session": 600.0, "urine_test": 1500.0}}}
    dear["staff"] = {"nurse": {"wage_per_year": 1_000_000.0}}
    for week, equal in ((5, True), (2, False)):
        later = first.with_changes(name="later", change={"from_week": week}, **dear)
        one, other = (cost_of_run(record(each)) for each in lived([first, later], 0, 7, None))
        assert (one == other) == equal
        assert other.total >= one.total


def test_a_vacant_post_is_saved_or_paid() -> None:
    """People leave twenty times a year and are replaced after 30 days."""
    leaving = {
        role: {"turnover_per_year": 20.0, "hiring_lag_days": 30.0}
        for role in ("counsellor", "nurse", "prescriber")
    }
    saved = tiny(staff=leaving)
    held = saved.with_changes(name="paid", clinic={"vacant_posts": "paid"})
    full = saved.with_changes(name="full", mechanisms={"turnover": False})
    costs = [wages(record(lived([one], 0, 7, None)[0])) for one in (saved, held, full)]

    assert costs[1] == pytest.approx(costs[2]) == pytest.approx(staff_cost(saved))
    assert costs[0] < 0.8 * costs[1]


def test_admissions_are_spread_over_the_open_weekdays() -> None:
    """Ten years of a full clinic: no open day has less than half of the mean."""
    full = small().with_changes(
        name="full",
        horizon={"days": 365, "follow_up_days": 1},
        arrivals={"per_week": 9.0},
        staff={"counsellor": {"posts": 4.0}},
    )
    for days in (("mon", "tue", "wed", "thu", "fri", "sat"), ("mon", "tue", "wed", "thu", "fri")):
        by_day = np.zeros(7)
        for replication in range(10):
            held = run(full.with_changes(clinic={"open_days": list(days)}), replication)
            admitted = held.events[held.events["kind"] == ADMITTED]["day"]
            by_day += np.bincount(admitted % 7, minlength=7)
        opened = by_day[: len(days)]
        assert by_day[len(days) :].sum() == 0
        assert opened.min() > 0.5 * opened.mean(), by_day
