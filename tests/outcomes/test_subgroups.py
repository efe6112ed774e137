"""Groups of people, and which of them are too small to be shown."""

from pathlib import Path

import numpy as np
import pytest

from txsim.outcomes import CURVES, OUTCOMES, measure, named
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Shares, outcome
from txsim.outcomes.registry import BY_NAME, CURVES_BY_NAME
from txsim.outcomes.subgroups import membership, shown, subgroups

from .made_runs import Person, make_run, small_scenario


def test_groups_by_diagnosis_barrier_age_sex_distance_and_more():
    woman = {"female": True, "age": 22.0, "distance_km": 40.0, "first_medication": 1}
    man = {"age": 50.0, "distance_km": 2.0, "stream": 1, "first_medication": 2}
    people = [
        Person("t" * 90, features=("depression", "transport"), fields=woman),
        Person("t" * 20 + "o", features=("transport",), fields=man),
    ]
    found = measure(make_run(people))
    sizes = dict(zip(found.groups, found.sizes, strict=True))
    assert sizes["everyone"] == 2
    assert (
        sizes["Depression"] == sizes["women"] == sizes["under 25"] == sizes["16 km and more"] == 1
    )
    assert sizes["men"] == sizes["45 and over"] == sizes["under 16 km"] == 1
    assert sizes["barrier: transport"] == 2
    assert sizes["barrier: housing"] == sizes["25 to 44"] == 0
    assert found.value("retained_30", "women") == 1
    assert found.value("retained_30", "men") == 0
    assert found.value("retained_30", "barrier: transport") == 0.5
    assert np.isnan(found.value("retained_30", "barrier: housing"))


def test_a_scenarios_own_diagnosis_gets_a_group():
    own = small_scenario(diagnoses={"hoarding": {"label": "Hoarding disorder"}})
    names = [group.name for group in subgroups(own)]
    assert "Hoarding disorder" in names
    assert len(names) == len(set(names))
    run = make_run([Person("t" * 90, features=("hoarding",)), Person("t" * 90)], own)
    found = measure(run)
    assert found.sizes[found.groups.index("Hoarding disorder")] == 1


def test_only_the_first_medication_depends_on_the_design():
    changing = {
        group.kind for group in subgroups(small_scenario()) if not group.same_under_every_design
    }
    assert changing == {"first medication"}


def test_everybody_is_in_one_group_of_each_partition():
    luck = np.random.default_rng(2)
    people = [
        Person("t" * 9, fields={"age": luck.uniform(18, 80), "female": luck.random() < 0.4,
                                "distance_km": luck.exponential(20), "substance": k % 2})
        for k in range(30)
    ]  # fmt: skip
    run = make_run(people)
    groups = subgroups(run.scenario)
    belongs = membership(groups, Followed.who_asked(run))
    for kind in ("age", "sex", "distance", "substance", "referral"):
        rows = [row for row, group in enumerate(groups) if group.kind == kind]
        assert (belongs[rows].sum(axis=0) == 1).all(), kind


def test_small_groups_are_withheld():
    # Everyone, then groups of 9.5, 10, 95 and 0 people on average.
    sizes = np.array([[100, 9, 10, 95, 0], [100, 10, 10, 95, 0]])
    np.testing.assert_array_equal(shown(sizes, roster=False), [True, False, True, True, False])
    # Of a clinic's own people, 95 of 100 would give the other five away.
    np.testing.assert_array_equal(shown(sizes, roster=True), [True, False, True, False, False])


def test_a_group_that_is_everybody_gives_nobody_away():
    np.testing.assert_array_equal(shown(np.array([[40, 40]]), roster=True), [True, True])


def test_every_outcome_and_curve_is_declared_once_and_in_full():
    assert len(BY_NAME) == len(OUTCOMES)
    assert len(CURVES_BY_NAME) == len(CURVES)
    for declared in OUTCOMES:
        assert declared.label[0].isupper()
        assert declared.definition.endswith((".", ")"))
        assert declared.better in ("higher", "lower", "neither")
        low, high = declared.limits(365)
        assert low == (-np.inf if declared.unit == "sd units" else 0)
        assert (high == 1) == (declared.unit == "proportion")


def test_an_unknown_outcome_is_refused_with_the_nearest_name():
    assert named("retained_30").unit == "proportion"
    with pytest.raises(ValueError, match="did you mean 'retained_365'"):
        named("retaind_365")


def test_values_stay_within_their_limits():
    luck = np.random.default_rng(4)
    letters = "wittttooadcjl"
    people = [
        Person(
            "".join(luck.choice(list(letters), 90)),
            used=set(luck.integers(0, 90, 40).tolist()),
            visited=set(luck.integers(0, 90, 40).tolist()),
            fields={"visits_due": 10, "visits_kept": 5, "substance": k % 2},
        )
        for k in range(60)
    ]
    found = measure(make_run(people))
    for position, declared in enumerate(OUTCOMES):
        values = found.values[:, position]
        values = values[~np.isnan(values)]
        low, high = declared.limits(60)
        assert (values >= low).all(), declared.name
        assert (values <= high).all(), declared.name


def test_the_same_run_gives_the_same_bytes():
    people = [Person("w" * k + "t" * (80 - k) + "o") for k in range(20)]
    one, other = measure(make_run(people)), measure(make_run(people))
    assert one.values.tobytes() == other.values.tobytes()
    assert all(one.curves[name].tobytes() == other.curves[name].tobytes() for name in one.curves)


def test_the_order_of_people_does_not_matter():
    people = [Person("w" * k + "t" * (60 - k) + "o", used={k, 30}) for k in range(20)]
    run, turned = make_run(people), make_run(people[::-1])
    np.testing.assert_allclose(measure(run).values, measure(turned).values, equal_nan=True)


def test_a_clinics_outcome_must_be_a_number(monkeypatch):
    from txsim.outcomes import measure as _  # the function, not the module
    from txsim.outcomes.measure import _number

    with pytest.raises(TypeError, match="must be a float"):
        _number(np.zeros(3))
    assert callable(_)


def test_a_share_of_nothing_is_unknown_and_not_zero():
    @outcome(
        "never",
        label="Never",
        unit="proportion",
        better="higher",
        definition="Nothing.",
        family="x",
    )
    def never(people: Followed) -> Shares:
        return Shares(np.zeros(len(people)), np.zeros(len(people)))

    people = Followed.who_asked(make_run([Person("t" * 90)]))
    found = never.rule(people)
    assert isinstance(found, Shares)
    assert np.isnan(measure(make_run([Person("w" * 90)])).value("attendance"))


def test_the_page_of_outcomes_says_what_is_declared():
    from txsim.outcomes.describe import page

    text = page()
    assert text == (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text()
    assert all(f"`{declared.name}`" in text for declared in OUTCOMES)
