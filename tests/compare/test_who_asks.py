"""Who asks under a design: what settles it, and what does not."""

import numpy as np
import pytest

from txsim import load
from txsim.clinic import Clinic
from txsim.clinic.lineage import lived
from txsim.compare.who_asks import Asking, same_people
from txsim.errors import ScenarioError
from txsim.scenario import Scenario
from txsim.scenario.roster import template

from ..outcomes.made_runs import small_scenario


def differing(one: Scenario, other: Scenario) -> tuple[str, ...]:
    found = Asking([one, other]).differing(0, 1)
    assert set(Asking([one, other]).differing(1, 0)) == set(found)
    return found


NOT_WHO = [
    {"staff.counsellor.posts": 9.0},
    {"services.cbt.offered": True},
    {"clinic.places": 100},
    {"clinic.caseload_at_start": 0.5},
    {"rules.discharge_after_missed_days": 10},
    {"diagnoses.hoarding.label": "Hoarding disorder", "diagnoses.hoarding.opioid": 0.0,
     "diagnoses.hoarding.alcohol": 0.0},
    {"diagnoses.depression.label": "Low mood"},
    {"diagnoses.depression.use_raises": 0.05},
    {"diagnoses.depression.effects": {"dropout": {"value": 1.4, "unit": "hazard ratio"}}},
    {"streams.court.label": "Sent by a court"},
    {"medication.assign": "methadone"},
    {"effects.grades": "AB"},
    # Nobody comes for alcohol, and the mix has its own share who inject.
    {"traits.female.alcohol": {"value": 0.9}},
    {"traits.injecting.opioid": {"value": 0.9}},
    {"medications.methadone.label": "Methadone, liquid"},
    {"horizon.burn_in_days": 30},
    {"horizon.start": "empty"},
    {"horizon.start": "own steady state", "horizon.burn_in_days": 30},
]  # fmt: skip

WHO = [
    ({"arrivals.per_week": 12.0}, "how many ask"),
    ({"arrivals.streams": {"self": 1.0, "court": 0.0, "emergency_department": 0.0,
                           "jail_release": 0.0}}, "how they come"),
    ({"population.distance_km": {"median": 4.0, "p90": 9.0}}, "the distance to the clinic"),
    ({"population.shares": {"depression": 0.6}}, 'the share of "depression"'),
    ({"population.shares": {"depression": 0.6, "ptsd": 0.1, "housing": 0.9, "female": 0.2}},
     "how many have which traits, diagnoses and barriers"),
    ({"diagnoses.depression.opioid": {"value": 0.5}}, 'the share of "depression"'),
    ({"diagnoses.depression.loadings": {"internalising": 0.1}}, 'the share of "depression"'),
    ({"barriers.transport.burden": {"value": 0.9}}, 'the share of "transport"'),
    ({"mixes.outpatient opioid programme.shares.injecting": {"value": 0.9}},
     'the share of "injects"'),
    ({"traits.family_involved.opioid": {"value": 0.9}}, 'the share of "'),
    ({"diagnoses.hoarding.label": "Hoarding disorder", "diagnoses.hoarding.opioid": 0.3},
     'the share of "hoarding disorder"'),
    ({"mixes.outpatient opioid programme.age_mean": {"value": 50.0}}, "their age"),
    ({"mixes.outpatient opioid programme.use_days": {"value": 5.0}}, "their use before asking"),
    ({"population.mix": "alcohol programme", "medication.assign": "none_alcohol"},
     "their substance"),
    ({"mixes.outpatient opioid programme.distance_p90_km": {"value": 90.0}},
     "the distance to the clinic"),
    ({"model.use_days_sd": {"value": 1.0}}, "their use before asking"),
    ({"mediators.readiness.start": {"value": 1.0}}, "the states in which they ask"),
    ({"horizon.days": 40}, "the days counted"),
    ({"horizon.follow_up_days": 59}, "the days followed"),
]  # fmt: skip


@pytest.mark.parametrize("changes", NOT_WHO, ids=str)
def test_what_does_not_settle_who_asks(changes):
    one = small_scenario()
    assert differing(one, one.with_changes(name="other", **changes)) == ()


@pytest.mark.parametrize(("changes", "words"), WHO, ids=lambda one: str(one)[:50])
def test_what_settles_who_asks_is_named(changes, words):
    one = small_scenario()
    found = differing(one, one.with_changes(name="other", **changes))
    assert any(said.startswith(words) for said in found), found


def asked(design: Scenario) -> list[np.ndarray]:
    """Everybody who first asks on a day that is counted, as they are then, in one draw."""
    clinic = Clinic(design, replication=2, seed=5, draw=3)
    records, came_with, burdens = clinic.people
    here = (records["arrives"] >= 0) & (records["arrives"] < design.horizon.days)
    catalogue = design.catalogue
    features = {**catalogue.traits, **catalogue.diagnoses, **catalogue.barriers}
    states = clinic.state.drivers[here]
    found = [records[name][here] for name in ("person", "arrives", *FIXED)]
    found += [
        came_with[here, place] for place, name in enumerate(features) if name in FEATURES_SHIPPED
    ]
    found += [burdens[here, place] for place in range(len(catalogue.barriers))]
    found += [states[:, clinic.parameters.driver_names.index(name)] for name in catalogue.mediators]
    clinic.close()
    return found


FIXED = (
    "key", "substance", "age", "severity", "frailty", "distance_km", "stream", "preference",
    "use_days_30", "detoxified", "regular_use",
)  # fmt: skip
FEATURES_SHIPPED = {
    name
    for table in ("traits", "diagnoses", "barriers")
    for name in getattr(small_scenario().catalogue, table)
}


@pytest.mark.parametrize("changes", [*NOT_WHO, *(one for one, _ in WHO)], ids=str)
def test_people_are_the_same_exactly_where_it_is_said(changes):
    # A year of people: enough for a share or a loading that moves to show itself in somebody.
    one = small_scenario(days=365)
    other = one.with_changes(name="other", **changes)
    said = set(differing(one, other)) - {"the days followed"}
    here, there = asked(one), asked(other)
    new = set(other.catalogue.diagnoses) - set(one.catalogue.diagnoses)
    alike = len(here) == len(there) and all(map(np.array_equal, here, there))
    assert alike is not bool(said) or (new and alike)


def test_a_cohort_has_neither_a_weekly_rate_nor_a_further_follow_up():
    one = small_scenario(arrivals={"cohort": 40})
    assert differing(one, one.with_changes(name="b", horizon={"follow_up_days": 10})) == ()
    assert differing(one, one.with_changes(name="b", arrivals={"cohort": 41})) == ("how many ask",)
    open_clinic = small_scenario()
    assert "how many ask" in differing(one, open_clinic)


def test_who_asks_before_a_change_is_the_design_before_it():
    one = small_scenario(days=60).with_changes(name="one")
    other = one.with_changes(name="other", population={"shares": {"depression": 0.6}})
    assert differing(one, other.with_changes(name="b", change={"from_week": 4})) == (
        'the share of "depression"',
    )
    # Whoever asks after the days counted is nobody's headline.
    assert differing(one, other.with_changes(name="b", change={"from_week": 9})) == ()
    later = one.with_changes(name="c", clinic={"places": 90}, change={"from_week": 4})
    assert differing(one, later) == ()


def test_people_of_day_0_are_the_same_where_the_opening_is():
    one = small_scenario().with_changes(name="one")
    shares = one.with_changes(name="b", clinic={"places": 90})
    assert Asking([one, shares]).same_opening(0, 1)
    apart = shares.with_changes(name="c", horizon={"start": "own steady state"})
    assert not Asking([one, apart]).same_opening(0, 1)
    # Without a time before day 0 each design seats its own.
    at_once = one.with_changes(name="d", horizon={"burn_in_days": 0})
    assert not Asking([at_once, shares]).same_opening(0, 1)


@pytest.fixture
def clinic(tmp_path):
    """Writes a design with a roster of one row beside it."""

    def made(name: str, roster: str, text: str) -> Scenario:
        (tmp_path / roster).write_text(text)
        (tmp_path / f"{name}.toml").write_text(
            f'extends = "baseline"\n[horizon]\ndays = 30\nfollow_up_days = 60\n'
            f'[population]\nroster = "{roster}"\n'
        )
        return load(tmp_path / f"{name}.toml")

    return made


def test_rosters_count_by_their_content(clinic):
    text = template()
    one, same = clinic("one", "a.csv", text), clinic("same", "b.csv", text)
    assert differing(one, same) == ()
    other = clinic("other", "c.csv", text.replace("4.5", "44.5"))
    assert differing(one, other) == ("the roster",)
    assert "the roster" in differing(one, small_scenario())


def test_a_roster_changed_in_between_is_another_and_the_first_is_not_run_with_it(clinic):
    before = clinic("before", "a.csv", template())
    after = clinic("after", "a.csv", template().replace("4.5", "44.5"))
    assert not same_people(before, after)
    assert before.digest != after.digest
    assert after.roster_rows()
    with pytest.raises(ScenarioError, match="the roster has been changed since before was read"):
        before.roster_rows()


def test_designs_that_go_on_from_one_clinic_are_asked_by_the_people_that_are_theirs():
    one = small_scenario().with_changes(name="one")
    near = one.with_changes(name="near", population={"distance_km": {"median": 1.0, "p90": 2.0}})
    designs = [
        one,
        one.with_changes(name="fewer", clinic={"places": 200}, horizon={"burn_in_days": 30}),
        one.with_changes(name="apart", horizon={"start": "own steady state", "burn_in_days": 30}),
        near,
        near.with_changes(name="near-later", change={"from_week": 2}),
    ]
    clinics = lived(designs, 0, 1, None)
    asking = Asking(designs)
    first = counted(clinics[0])
    assert first.size > 10
    for place, found in enumerate(clinics):
        alike = np.array_equal(counted(found), first)
        assert alike is not bool(asking.differing(0, place)), designs[place].name
        found.close()


def counted(clinic: Clinic) -> np.ndarray:
    patients = clinic.state.patients
    return patients[patients["counted"]][["person", "asked_day", "age", "distance_km", "stream"]]
