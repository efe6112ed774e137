"""Comparisons of made designs: tables, verdicts, what is withheld, words, a picture."""

import re

import numpy as np
import pytest

from txsim.compare import Comparison
from txsim.compare.estimate import estimate
from txsim.compare.expected import another_in_the_draw
from txsim.compare.gathered import Gathered
from txsim.compare.stacked import stacked
from txsim.formatting import more_or_fewer
from txsim.outcomes import OUTCOMES, RELAPSE, RETENTION, measure
from txsim.outcomes.registry import RELAPSE_CURVES
from txsim.scenario import load

from ..draws import draw_numbers
from ..outcomes.made_runs import Person, make_run, small_scenario
from .made_comparisons import made_comparison, made_measures, made_run


@pytest.fixture(scope="module")
def comparison():
    """Today, the same, and a design under which everybody stays about 15 days longer."""
    return made_comparison(0.0, 0.0, 15.0)


def of_everyone(table, scenario: str, outcome: str):
    found = table[
        (table["scenario"] == scenario)
        & (table["outcome"] == outcome)
        & (table["subgroup"] == "everyone")
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_the_same_design_differs_by_exactly_nothing(comparison):
    same = comparison.differences[comparison.differences["scenario"] == "longer-1"]
    assert len(same) > 500
    for column in ("mean", "low", "high", "standard_error", "year_low", "year_high"):
        assert (same[column] == 0.0).all(), column
    assert (same["verdict"] == "the same").all()
    assert (same["better_in"].dropna() == 0.5).all()
    assert same["replications_to_settle"].isna().all()


def test_staying_longer_is_better_and_the_table_says_so(comparison):
    row = of_everyone(comparison.differences, "longer-2", "days_in_care")
    assert row["verdict"] == "better"
    assert row["settling"] == "settled"
    assert row["better_in"] > 0.95
    assert 0 < row["low"] < row["mean"] < row["high"]
    assert row["baseline"] == "today"
    assert row["unit"] == "days"
    assert row["replications"] == 20


def test_a_difference_is_the_difference_of_the_means(comparison):
    for outcome in ("days_in_care", "retained_30", "people_served", "wait_to_admission"):
        row = of_everyone(comparison.differences, "longer-2", outcome)
        later = of_everyone(comparison.outcomes, "longer-2", outcome)
        first = of_everyone(comparison.outcomes, "today", outcome)
        assert row["mean"] == pytest.approx(later["mean"] - first["mean"], abs=1e-12)


def test_pairing_makes_intervals_narrower(comparison):
    row = of_everyone(comparison.differences, "longer-2", "days_in_care")
    first = of_everyone(comparison.outcomes, "today", "days_in_care")
    assert row["standard_error"] < first["standard_error"]


def test_differences_from_another_design(comparison):
    turned = comparison.against("longer-2")
    assert set(turned["scenario"]) == {"today", "longer-1"}
    there = of_everyone(turned, "today", "days_in_care")
    back = of_everyone(comparison.differences, "longer-2", "days_in_care")
    assert there["mean"] == pytest.approx(-back["mean"])
    assert there["better_in"] == pytest.approx(1 - back["better_in"])
    with pytest.raises(ValueError, match="there is no design 'never'"):
        comparison.against("never")


def test_tables_have_the_columns_that_are_promised(comparison):
    assert list(comparison.outcomes.columns[:8]) == [
        "scenario", "subgroup", "outcome", "unit", "mean", "low", "high", "replications",
    ]  # fmt: skip
    assert {
        "scenario", "baseline", "subgroup", "outcome", "unit", "mean", "low", "high",
        "standard_error", "median", "better_in", "higher_in", "replications", "margin",
        "within_margin", "verdict", "replications_to_settle",
    } <= set(comparison.differences.columns)  # fmt: skip
    assert list(comparison.retention.columns) == [
        "scenario", "definition", "day", "mean", "low", "high",
    ]  # fmt: skip
    assert set(comparison.retention["definition"]) == set(RETENTION)
    assert {RELAPSE_CURVES[name] for name in RELAPSE[:5]} <= set(comparison.curves["curve"])
    assert list(comparison.replications.columns) == [
        "scenario", "replication", "draw", "subgroup", "outcome", "value", "unit",
    ]  # fmt: skip


def test_replications_hold_what_means_are_made_of(comparison):
    table = comparison.replications
    mine = table[(table["outcome"] == "retained_30") & (table["subgroup"] == "everyone")]
    means = mine.groupby("scenario", observed=True)["value"].mean()
    for design in ("today", "longer-1", "longer-2"):
        row = of_everyone(comparison.outcomes, design, "retained_30")
        assert row["mean"] == pytest.approx(means[design])
    assert mine["draw"].max() == 4
    assert mine.groupby(["scenario", "draw"], observed=True).size().eq(4).all()


def test_limits_stay_possible(comparison):
    table = comparison.outcomes
    shares = table[table["unit"] == "proportion"]
    assert (shares["low"] >= 0).all()
    assert (shares["high"] <= 1).all()
    assert (table["low"].dropna() >= 0).all()


def test_figures_and_curves_by_definition(comparison):
    kept = comparison.retained(30, "on medication")
    assert kept["outcome"].unique().tolist() == ["on_medication_30"]
    assert len(kept) == 3
    women = comparison.retained(30, subgroup="women")
    assert (women["subgroup"] == "women").all()
    free = comparison.relapse_free(30, "any use")
    curve = comparison.relapse_curve("any use")
    assert free["mean"].tolist() == pytest.approx(curve[curve["day"] == 30]["mean"].tolist())
    assert len(comparison.retention_curve()) == 3 * 61
    with pytest.raises(ValueError, match="no definition of retention 'often'"):
        comparison.retained(30, "often")
    with pytest.raises(ValueError, match="no definition of relapse 'often'"):
        comparison.relapse_curve("often")


def test_groups_that_depend_on_the_design_are_not_compared(comparison):
    shown = set(comparison.outcomes["subgroup"])
    began = {name for name in shown if name.startswith("began on")}
    assert began
    assert not began & set(comparison.differences["subgroup"])


def test_small_groups_are_withheld_everywhere_and_named():
    made = made_comparison(0.0, 5.0)
    # Seven in forty are under 25, fewer than ten.
    assert "under 25" in made.withheld
    for table in (made.outcomes, made.differences, made.replications):
        assert "under 25" not in set(table["subgroup"])
        assert "men" in set(table["subgroup"])
    assert any("under 25" in note for note in made.notes)


def test_figures_that_rest_on_few_people_are_withheld_too(comparison):
    assert (comparison.outcomes["people"] >= 10).all()


def test_designs_with_other_people_are_not_paired():
    first = small_scenario().with_changes(name="today")
    busier = first.with_changes(name="busier", **{"arrivals.per_week": 12.0})
    made = made_comparison(0.0, 15.0, designs=[first, busier])
    assert not made.paired
    assert made.other_people == {"busier": ("how many ask",)}
    assert made.differences["better_in"].isna().all()
    assert (made.differences["verdict"] == "not paired").all()
    assert made.differences["replications_to_settle"].isna().all()
    assert made.notes[0].startswith(
        "Other people ask under Busier than under Today: how many ask differs. Differences from"
    )
    kept = of_everyone(made.differences, "busier", "retained_30")
    low, high = 100 * float(kept["low"]), 100 * float(kept["high"])
    assert f"other people ask: {more_or_fewer(low, high)}" in made.summary()
    for word in ("better:", "worse:", "cannot tell", "exactly as", "likely"):
        assert word not in made.summary()


def test_other_people_have_the_world_in_common_and_not_their_luck():
    first = small_scenario().with_changes(name="today")
    busier = first.with_changes(name="busier", **{"arrivals.per_week": 12.0})
    alike = made_comparison(0.0, 15.0, designs=[first, first.with_changes(name="busier")])
    other = made_comparison(0.0, 15.0, designs=[first, busier])
    for outcome in ("days_in_care", "retained_30", "people_served"):
        paired = of_everyone(alike.differences, "busier", outcome)
        apart = of_everyone(other.differences, "busier", outcome)
        assert apart["mean"] == pytest.approx(paired["mean"])
        assert apart["high"] - apart["low"] >= paired["high"] - paired["low"]
    # Of the same people the luck cancels; of others it does not.
    assert (
        of_everyone(other.differences, "busier", "days_in_care")["standard_error"]
        > 1.5 * of_everyone(alike.differences, "busier", "days_in_care")["standard_error"]
    )
    # That nobody died under either says nothing of others who ask.
    deaths = of_everyone(other.differences, "busier", "deaths")
    unseen = of_everyone(other.outcomes, "today", "deaths")["high"]
    assert (deaths["low"], deaths["high"]) == pytest.approx((-unseen, unseen))


def test_only_designs_with_other_people_go_without_a_verdict():
    first = small_scenario().with_changes(name="today")
    longer = first.with_changes(name="longer")
    busier = first.with_changes(name="busier", **{"arrivals.per_week": 12.0})
    made = made_comparison(0.0, 15.0, 15.0, designs=[first, longer, busier])
    assert not made.paired
    assert list(made.other_people) == ["busier"]
    table = made.differences
    assert of_everyone(table, "longer", "days_in_care")["verdict"] == "better"
    assert set(table.loc[table["scenario"] == "busier", "verdict"]) == {"not paired"}
    turned = made.against("busier")
    assert set(turned["verdict"]) == {"not paired"}
    text = made.summary()
    assert "better, v" in text
    assert "other people ask: " in text


def test_each_replication_is_held_against_another_in_the_same_draw():
    assert another_in_the_draw(draw_numbers(8), 8).tolist() == [1, 2, 3, 0, 5, 6, 7, 4]
    assert another_in_the_draw(draw_numbers(6), 6).tolist() == [1, 2, 3, 0, 5, 4]
    assert another_in_the_draw(None, 3).tolist() == [1, 2, 0]
    assert another_in_the_draw(draw_numbers(1), 1).tolist() == [0]


def test_as_many_intervals_hold_the_difference_between_different_people():
    # Both designs live through the same 12 draws; luck is shared, half shared, or not at all. A
    # share of 4,000 figures is known to half a point of a hundred.
    for shared in (0.0, 0.5, 1.0):
        luck = np.random.default_rng(4)
        world = luck.normal(0, 1.0, (13, 4000))
        later = np.repeat(2 + 1.3 * world[:-1], 4, axis=0)
        first = np.repeat(world[:-1], 4, axis=0)
        alike = 2.0 * luck.normal(size=later.shape)
        own = [2.0 * luck.normal(size=later.shape) for _ in range(2)]
        later += np.sqrt(shared) * alike + np.sqrt(1 - shared) * own[0]
        first += np.sqrt(shared) * alike + np.sqrt(1 - shared) * own[1]
        draws = draw_numbers(48)
        found = estimate(later - first[another_in_the_draw(draws, 48)], draws)
        truth = 2 + 0.3 * world[-1]
        assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.885


def test_without_uncertainty_the_notes_say_what_intervals_leave_out():
    made = made_comparison(0.0, 15.0, uncertainty=False)
    assert made.draws == 0
    assert any(note.startswith("Intervals show chance only") for note in made.notes)
    assert "without uncertainty" in repr(made)


def test_few_draws_are_said_to_be_few():
    made = made_comparison(0.0, 15.0, replications=4)
    assert any("too few for good intervals" in note for note in made.notes)
    row = of_everyone(made.differences, "longer-1", "days_in_care")
    assert row["verdict"] == "cannot tell yet"
    assert np.isnan(row["low"])
    assert "About 16 more runs would tell for Longer 1." in made.summary()


def test_one_design_has_no_differences():
    alone = made_comparison(0.0)
    assert alone.differences.empty
    assert "verdict" in alone.differences.columns
    assert alone.paired
    assert "1 design: today" in repr(alone)
    assert alone.summary().startswith("today: 20 runs over 5 parameter sets.")
    assert "Cost, thousand USD:\n  a year\n    Today   1," in alone.summary()
    assert "cannot tell" not in alone.summary()


def test_costs_that_differ_are_warned_of():
    first = small_scenario().with_changes(name="today")
    posts = first.staff["counsellor"].posts
    dearer = first.with_changes(name="dearer", **{"staff.counsellor.posts": 2 * posts})
    hardly = first.with_changes(name="hardly", **{"staff.counsellor.posts": 1.01 * posts})
    made = made_comparison(0.0, 0.0, 0.0, designs=[first, dearer, hardly])
    (warning,) = [note for note in made.notes if "do not cost the same" in note]
    assert "Dearer" in warning
    assert "Hardly" not in warning
    costs = made.costs.set_index("scenario")
    row = of_everyone(made.outcomes, "dearer", "cost_per_year")
    assert row["mean"] == pytest.approx(costs.loc["dearer", "total"])
    assert row["unit"] == "USD a year"


def test_money_is_told_in_the_planners_currency():
    made = made_comparison(0.0, designs=[small_scenario(economics={"currency": "EUR"})])
    assert of_everyone(made.outcomes, "small", "cost_per_year")["unit"] == "EUR a year"
    assert made.costs["currency"].tolist() == ["EUR"]


def test_one_line_and_a_table(comparison):
    line = repr(comparison)
    assert "\n" not in line
    assert "3 designs: today, longer-1, longer-2; 20 replications in 5 draws" in line
    assert "retained after 30 days" in line
    assert comparison._repr_html_().startswith("<table")
    assert comparison.to_df() is comparison.outcomes


@pytest.mark.parametrize(
    ("followed", "told"), [(29, None), (30, 30), (89, 30), (90, 90), (180, 180), (364, 180)]
)
def test_one_line_tells_of_the_last_day_that_people_are_followed_to(followed, told):
    line = repr(made_comparison(0.0, replications=4, follow_up=followed))
    if told is None:
        assert "retained" not in line
    else:
        assert f"retained after {told} days" in line


def test_the_summary_says_who_is_better_and_who_cannot_be_told():
    text = made_comparison(0.0, 15.0, 0.0).summary()
    assert "    Longer 2      " in text
    assert "exactly as Today" in text
    assert re.search(r"better, (very likely|virtually certain): [\d.]+ more \([\d.]+ to ", text)


def test_overdoses_are_told_where_there_are_any():
    """In a clinic without opioids there is nothing to tell of them."""
    made = made_comparison(0.0, replications=4)
    assert "Per 100 people" not in made.summary()
    made.outcomes.loc[made.outcomes["outcome"] == "fatal_overdoses", "mean"] = 2.0
    told = made.summary()
    assert "Per 100 people who asked for treatment:\n  deaths of overdose" in told
    assert "overdoses survived" not in told


def test_the_summary_says_what_would_settle_it():
    text = made_comparison(0.0, 0.1, decision={"margins": {"retained_30": 0.0001}}).summary()
    assert "cannot tell yet (" in text
    assert "Would more runs tell?" in text
    assert "more run" in text.partition("Would more")[2]


def test_the_band_of_the_picture_goes_from_the_low_to_the_high_limit(comparison):
    from matplotlib import pyplot

    low, high = (
        comparison.retention_curve()
        .set_index(["scenario", "day"])
        .loc[("longer-2", 30), ["low", "high"]]
    )
    corners = comparison.plot().collections[2].get_paths()[0].vertices
    on_that_day = corners[corners[:, 0] == 30, 1]
    assert {round(float(one), 6) for one in on_that_day} == {
        round(100.0 * low, 6),
        round(100.0 * high, 6),
    }
    pyplot.close("all")


@pytest.mark.parametrize(
    "table",
    ["outcomes", "differences", "retention", "curves", "roles", "services", "exits", "costs"],
)
def test_rows_of_a_table_are_numbered_through_all_designs(comparison, table):
    found = getattr(comparison, table)
    assert found.index.tolist() == list(range(len(found)))


def test_the_picture_has_a_line_and_a_band_for_each_design(comparison):
    from matplotlib import pyplot

    axes = comparison.plot()
    assert len(axes.lines) == 3
    assert len(axes.collections) == 3
    assert "on the books" in axes.get_ylabel()
    own = pyplot.figure().add_subplot()
    assert comparison.plot("on medication", axes=own) is own
    pyplot.close("all")


def test_exits_roles_services_and_drivers(comparison):
    exits = comparison.exits[comparison.exits["scenario"] == "today"]
    assert exits["share"].sum() == pytest.approx(1.0)
    left = of_everyone(comparison.outcomes, "today", "left_any")
    assert exits["people"].sum() == pytest.approx(40 * left["mean"])
    assert comparison.roles.empty  # made runs have no staff minutes
    assert comparison.services.empty
    drivers = comparison.drivers
    assert drivers["outcome"].tolist()[:2] == ["days_waiting", "share_served"]


def test_staff_minutes_are_told_by_the_week():

    scenario = small_scenario()
    measured = []
    for replication in range(8):
        run = made_run(scenario, replication, 0.0)
        place = list(scenario.catalogue.roles).index("counsellor")
        run.roles["minutes_staffed"][place] = 90 * 1000
        run.roles["minutes_used"][place] = 90 * 970
        service = list(scenario.catalogue.services).index("individual_counselling")
        run.services["due"][service], run.services["kept"][service] = 180, 90
        measured.append(measure(run))
    made = Comparison([scenario], [measured], draw_numbers(8), {})
    (role,) = made.roles.to_dict("records")
    assert role["role"] == "counsellor"
    assert role["minutes_staffed"] == pytest.approx(7000)
    assert role["share_used"] == pytest.approx(0.97)
    assert any("counsellor's minutes are 97 % used" in note for note in made.notes)
    (service,) = made.services.to_dict("records")
    assert service["received"] == pytest.approx(0.5)
    assert service["due_per_year"] == pytest.approx(180 * 365 / 90)
    designs = [scenario, scenario.with_changes(name="other")]
    both = Comparison(designs, [measured, measured], draw_numbers(8), {})
    assert both.roles.index.tolist() == both.services.index.tolist() == [0, 1]


def test_doses_for_which_there_was_no_time_and_days_without_intake_are_told():
    """A quarter of the doses, in a run of 90 days of which 18 were closed: 73 days a year."""
    scenario = small_scenario()
    nurse = list(scenario.catalogue.roles).index("nurse")
    dosing = list(scenario.catalogue.services).index("dosing")

    def notes_on(beyond, overtime, closed):
        run = made_run(scenario, 0, 0.0)
        run.services["kept"][dosing], run.services["beyond_minutes"][dosing] = 80, beyond
        run.roles["minutes_staffed"][nurse] = 1000
        run.roles["minutes_overtime"][nurse] = overtime
        run.days["intake_closed"][:closed] = 1.0
        return Comparison([scenario], [[measure(run)]], draw_numbers(1), {}).notes

    doses = (
        "25 of 100 doses under observation were given {}, for which there was no time otherwise."
    )
    agency, overtime = doses.format("by an agency"), doses.format("in overtime or by an agency")
    closed = "Intake was closed on 73 days a year, for want of time for doses."
    assert {agency, closed} <= set(notes_on(20, 0, 18))
    assert overtime in notes_on(20, 30, 0)
    assert not any("dose" in note for note in notes_on(0, 0, 0))


def test_every_outcome_with_people_is_in_the_table(comparison):
    there = set(comparison.outcomes["outcome"])
    missing = {outcome.name for outcome in OUTCOMES} - there
    # Nobody drinks or uses anything besides, nobody is followed beyond 60 days, nobody is booked
    # into sessions, no staff or homes are counted, and few are clean for a month.
    for name in missing:
        assert any(
            word in name
            for word in ("90", "180", "365", "heavy", "drinking", "sessions", "staff_",
                         "overtime", "agency", "doses_beyond", "caseload",
                         "busiest", "attendance", "came_back", "urines_positive", "first_dose",
                         "used_again", "second_", "a_home", "at_work",
                             "symptoms")
        ), name  # fmt: skip


def test_fewer_than_ten_people_show_nothing_about_people():

    scenario = small_scenario()
    people = [Person("t" * 20 + "o")] * 9
    measured = [measure(make_run(people, scenario, r)) for r in range(8)]
    made = Comparison([scenario], [measured], draw_numbers(8), {})
    assert made.curves.empty
    assert made.retention.empty
    assert made.exits.empty
    assert set(made.outcomes["subgroup"]) == {"everyone"}
    told = set(made.outcomes["outcome"])
    assert {outcome.name for outcome in OUTCOMES if outcome.of == "person"}.isdisjoint(told)
    assert "cost_per_year" in told
    assert any("Nearly everything is withheld" in note for note in made.notes)
    assert "Cost, thousand USD" in made.summary()
    assert "Of 100 people" not in made.summary()


def with_a_roster(folder, women, men):
    """A design whose people come from a roster of so many women and men, of 20 to 60 years."""
    sexes = ["female"] * women + ["male"] * men
    rows = [f"p{row},{20 + row % 41},{sex},opioid" for row, sex in enumerate(sexes)]
    (folder / "people.csv").write_text("\n".join(["person,age,sex,substance", *rows, ""]))
    (folder / "today.toml").write_text(
        'extends = "baseline"\n'
        "[horizon]\ndays = 30\nfollow_up_days = 60\n"
        '[population]\nroster = "people.csv"\n'
    )
    return load(folder / "today.toml")


def test_a_clinics_own_people_are_withheld_more_strictly(tmp_path):
    own = with_a_roster(tmp_path, women=20, men=20)
    # On average 15 women in 40, but only nine in the first replication.
    counts = [9, 16, 16, 16, 16, 16, 16, 15]

    def judged(scenario):
        measured = [
            measure(
                make_run([Person("t" * 90, fields={"female": k < n}) for k in range(40)], scenario)
            )
            for n in counts
        ]
        return Comparison([scenario], [measured], draw_numbers(8), {})

    usual, strict = judged(small_scenario()), judged(own)
    assert {"women", "men"} <= set(usual.outcomes["subgroup"])
    # Neither the nine women nor the others, from whom the nine could be worked out.
    assert {"women", "men"}.isdisjoint(strict.outcomes["subgroup"])
    assert {"women", "men"} <= set(strict.withheld)
    assert "everyone" in set(strict.outcomes["subgroup"])


def test_people_in_care_at_the_start_are_compared_only_when_they_are_the_same():
    first = small_scenario().with_changes(name="today")
    apart = first.with_changes(name="apart", **{"horizon.start": "own steady state"})

    for other, same in ((first.with_changes(name="same"), True), (apart, False)):
        found = stacked([first, other], Gathered.of([made_measures(first, 2, 0.0)] * 2))
        assert bool(found.compared[-1]) is same
        assert found.groups[-1] == "in care on day 0"


def test_the_summary_tells_people_of_100_and_money_in_thousands(comparison):
    text = comparison.summary()
    assert "%" not in text
    kept = of_everyone(comparison.outcomes, "today", "retained_30")
    assert re.search(rf"\bToday +{100 * kept['mean']:.0f}  \(", text)
    cost = of_everyone(comparison.outcomes, "today", "cost_per_year")["mean"]
    assert re.search(rf"\bToday +{round(cost / 1000, -1):,.0f}$", text, re.MULTILINE)
    table = comparison._repr_html_()
    assert "Longer 2" in table
    assert "still in care a month later" in table
    assert f"<td>{100 * kept['mean']:.0f} (" in table
    assert "withheld" not in table


def test_what_is_true_of_several_designs_is_said_once():
    from txsim.compare.naming import label, told_of

    one = small_scenario().with_changes(name="one_van")
    two, three = one.with_changes(name="two-vans"), one.with_changes(name="three")
    assert label(one) == "One van"
    found = [(one, "sessions wait"), (two, "sessions wait"), (three, "all is well")]
    assert told_of(found, [one, two, three]) == [
        "One van and Two vans: sessions wait.",
        "Three: all is well.",
    ]
    assert told_of(found[:2], [one, two]) == ["All designs: sessions wait."]
    assert told_of(found[:1], [one]) == ["Sessions wait."]
