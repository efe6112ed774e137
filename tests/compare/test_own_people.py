"""Figures of a clinic's own people: whose they are is said, and few of them are told of nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from txsim.cli.simulate import TABLES as FOR_SCRIPTS
from txsim.compare import Comparison
from txsim.compare.assemble import make_manifest
from txsim.compare.files import TABLES
from txsim.compare.people import people_of, whose_people
from txsim.outcomes import measure
from txsim.outcomes.real_people import enough_real_people
from txsim.outcomes.subgroups import subgroups
from txsim.report import html, write
from txsim.scenario import Scenario, load

from ..draws import draw_numbers
from .made_comparisons import made_run

REPLICATIONS = 4


def with_a_roster(
    folder: Path, rows: int, name: str = "own", columns: str = "", cells: str = ""
) -> Scenario:
    """A design whose people come from a roster of so many rows, half of them women."""
    lines = [
        f"p{row},{20 + 3 * row % 40},{'female' if row % 2 else 'male'},opioid{cells}"
        for row in range(rows)
    ]
    header = f"person,age,sex,substance{columns}"
    (folder / f"{name}.csv").write_text("\n".join([header, *lines, ""]))
    (folder / f"{name}.toml").write_text(
        'extends = "baseline"\n[horizon]\ndays = 30\nfollow_up_days = 60\n'
        f'[population]\nroster = "{name}.csv"\n'
    )
    return load(folder / f"{name}.toml")


def compared(*designs: Scenario, people: int = 40) -> Comparison:
    """What made runs of so many people come to, with staff and sessions in them."""
    found = []
    for design in designs:
        runs = [made_run(design, replication, 5.0) for replication in range(REPLICATIONS)]
        for run in runs:
            run.patients["counted"][people:] = False
            run.roles["minutes_staffed"], run.roles["minutes_used"] = 100.0, 99.0
            for tally in ("due", "booked", "kept"):
                run.services[tally] = 20.0
            run.received[:people] = 1
        found.append([measure(run) for run in runs])
    how = {"replications": REPLICATIONS, "seed": 1, "draws": 1}
    return Comparison(
        designs, found, draw_numbers(REPLICATIONS), make_manifest(designs, how, "txsim compare")
    )


def mix(name: str) -> Scenario:
    horizon = {"days": 30, "follow_up_days": 60}
    return load("baseline").with_changes(name=name, horizon=horizon)


@pytest.mark.parametrize(("rows", "people"), [(9, 40), (40, 9), (1, 40)])
def test_fewer_than_ten_of_a_roster_are_told_of_nowhere(
    tmp_path: Path, rows: int, people: int
) -> None:
    """Nine rows, however many are simulated; and nine simulated, however many rows."""
    comparison = compared(with_a_roster(tmp_path, rows), people=people)

    for name in {*TABLES, *FOR_SCRIPTS, "replications"}:
        assert getattr(comparison, name).empty, name
    place = comparison.save(tmp_path / "results")
    write(comparison, place)
    for name in TABLES:
        assert len((place / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()) == 1
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "<figure" not in page
    assert "Too few people stand behind these designs" in page
    assert "minutes are" not in page
    for told in (page, comparison.summary()):
        assert "fewer than 10 people of a roster stand behind" in told
        assert not re.search(r"\d of 100 people|USD.\d|thousand USD:", told)
    manifest = json.loads((place / "manifest.json").read_text())
    assert manifest["designs"][0]["people"] == people_of(comparison.designs[0])


def test_a_design_with_enough_people_is_told_of_beside_one_with_too_few(tmp_path: Path) -> None:
    for designs in (
        (with_a_roster(tmp_path, 9, "nine"), mix("today")),
        (mix("today"), with_a_roster(tmp_path, 9, "nine")),
    ):
        comparison = compared(*designs)
        for name in {*TABLES, "replications"} - {"differences", "variance"}:
            assert set(getattr(comparison, name)["scenario"]) == {"today"}, name
        page = html(comparison)
        assert "Nine: everything is withheld" in page
        assert "withheld" in page.partition("The designs side by side")[2]
        assert "none staffed" not in page
        assert not [note for note in comparison.notes if "costs USD" in note]


def test_ten_and_more_are_told_of(tmp_path: Path) -> None:
    comparison = compared(with_a_roster(tmp_path, 40))
    for name in {*TABLES, "replications"} - {"differences", "variance"}:
        assert not getattr(comparison, name).empty, name
    assert {"everyone", "women", "men"} <= set(comparison.outcomes["subgroup"])


def test_a_service_that_few_of_a_roster_had_is_not_told_of(tmp_path: Path) -> None:
    own, today = with_a_roster(tmp_path, 40), mix("today")
    services = list(own.catalogue.services)
    found = []
    for design in (own, today):
        runs = [made_run(design, replication, 5.0) for replication in range(REPLICATIONS)]
        for replication, run in enumerate(runs):
            run.services["due"] = 20.0
            run.received[:20, 0] = 1
            run.received[: 9 if replication == 2 else 20, 1] = 1
        found.append([measure(run) for run in runs])
    comparison = Comparison([own, today], found, draw_numbers(REPLICATIONS), {})
    told = comparison.services.groupby("scenario")["service"].apply(set)
    assert services[0] in told["own"]
    assert services[1] not in told["own"]
    assert {services[0], services[1]} <= told["today"]


def test_a_group_needs_ten_rows_that_may_belong_and_ten_that_may_not(tmp_path: Path) -> None:
    def told(rows: int, columns: str = "", cells: str = "") -> set[str]:
        own = with_a_roster(tmp_path, rows, f"r{rows}{len(columns)}", columns, cells)
        groups = subgroups(own)
        enough = enough_real_people(own, groups)
        return {group.name for group, shown in zip(groups, enough, strict=True) if shown}

    assert told(9) == set()
    # Nine women and ten men: from the ten and from everyone the nine could be worked out.
    assert {"everyone", "opioids"} <= told(19)
    assert {"women", "men"}.isdisjoint(told(19))
    assert {"women", "men"} <= told(20)
    # Of nobody is it known who is depressed, so any row may be; or it is known of all that none is.
    assert "Depression" in told(20)
    assert "Depression" not in told(20, ",diagnoses", ",none")
    assert "Depression" not in told(9)
    assert "alcohol" not in told(40)
    assert enough_real_people(mix("today"), subgroups(mix("today"))).all()


def test_it_is_said_whose_people_they_are(tmp_path: Path) -> None:
    own, today = with_a_roster(tmp_path, 10, "small"), mix("today")
    cohort = mix("trial").with_changes(name="trial", arrivals={"cohort": 30})
    comparison = compared(today, own, cohort)

    people = (
        'People: mix "outpatient opioid programme" (Today and Trial); a roster of 10 rows (Small).'
    )
    start = (
        "Start: after 90 days of burn-in (Today); from day 0 of Today (Small); an empty clinic, "
        "which everybody asks on day 0 (Trial)."
    )
    assert whose_people(comparison.designs) == [people, start]
    assert people in comparison.summary()
    page = html(comparison).partition("What was compared")[2]
    assert people.replace('"', "&#34;") in page
    assert start in page
    assert "people of a roster" in page
    said = [(one["people"], one["start"]) for one in comparison.manifest["designs"]]
    assert said == [
        ('mix "outpatient opioid programme"', "after 90 days of burn-in"),
        ("a roster of 10 rows", "from day 0 of today"),
        ('mix "outpatient opioid programme"', "an empty clinic, which everybody asks on day 0"),
    ]
    assert [one["burn_in_days"] for one in comparison.manifest["designs"]] == [90, 90, 90]
    assert [note for note in comparison.notes if "small.toml" in note and "10 rows" in note]
    assert whose_people([today]) == [
        'People: mix "outpatient opioid programme".',
        "Start: after 90 days of burn-in.",
    ]
