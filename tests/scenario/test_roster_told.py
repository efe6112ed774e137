"""What a roster says of all people together is doubted where it is odd, and told back."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from txsim.catalogue import load_catalogue
from txsim.scenario import load
from txsim.scenario.roster import (
    FEWEST_TOLD,
    Roster,
    Told,
    doubts,
    drawn_from_few,
    read_back,
    read_roster,
    template,
)

Read = Callable[[str], Roster]


@pytest.fixture
def read(folder: Path) -> Read:
    def from_text(text: str) -> Roster:
        Path("intake.csv").write_text(text, encoding="utf-8")
        return read_roster("intake.csv", load_catalogue())

    return from_text


def people(**columns: Sequence[object]) -> str:
    """A roster of people aged 20 to 60 with more columns."""
    length = len(next(iter(columns.values())))
    all_columns: dict[str, Sequence[object]] = {
        "person": range(length),
        "age": [20 + at % 41 for at in range(length)],
        "sex": ["f"] * length,
        "substance": ["opioid"] * length,
        **columns,
    }
    rows = zip(*all_columns.values(), strict=True)
    lines = [",".join(map(str, row)) for row in [tuple(all_columns), *rows]]
    return "\n".join(lines) + "\n"


def doubted(roster: Roster) -> list[str]:
    return [str(problem) for problem in doubts(roster)]


# --- what is hardly true ------------------------------------------------------------------------


def test_codes_for_what_is_not_known_are_doubted_in_a_few_rows(read: Read) -> None:
    """Codes in fewer than ten rows are told as some of the list: they might be people's own."""
    found = doubted(
        read(
            "person,age,sex,substance,use_days,distance_km,unemployed\n"
            "1,12,f,opioid,3,999,1\n"
            "2,99,m,opioid,2,999,0\n"
            "3,99,f,opioid,1,888,1\n"
            "4,99,m,opioid,3,999,1\n"
        )
    )

    assert found == [
        "intake.csv: column 2 (age): a few rows hold 77, 88, 97, 98 or 99, which may stand for "
        "what is not known; if so, take these rows out",
        "intake.csv: column 6 (distance_km): a few rows hold 77, 88, 97, 98, 99, 777, 888, 997, "
        "998 or 999, which may stand for what is not known; if so, leave these cells empty",
        "intake.csv: column 5 (use_days): no number is above 7, which looks like days of a week "
        "or like classes; this column counts days of use in the last 30",
    ]


def test_codes_in_ten_rows_are_named(read: Read) -> None:
    distances = [number / 2 for number in range(60)] + [999] * 12 + [888] * 2

    (found,) = doubted(read(people(distance_km=distances)))[:1]

    assert "(distance_km): 999 in 12 rows may stand for what is not known; if so, leave" in found


@pytest.mark.parametrize("code", [77, 88, 97, 98, 99])
def test_each_code_of_an_age(read: Read, code: int) -> None:
    ages = [18 + at % 45 for at in range(90)] + [code] * 10

    assert [text.partition(" may")[0] for text in doubted(read(people(age=ages)))] == [
        f"intake.csv: column 2 (age): {code} in 10 rows"
    ]


@pytest.mark.parametrize("code", [77, 88, 97, 98, 99, 777, 888, 997, 998, 999])
def test_each_code_of_a_distance(read: Read, code: int) -> None:
    distances = [number % 40 for number in range(90)] + [code] * 10

    found = doubted(read(people(distance_km=distances)))

    assert f"{code} in 10 rows may stand for what is not known" in found[0]


def test_nine_stands_for_what_is_not_known_where_answers_have_one_digit(read: Read) -> None:
    classes = [1, 2, 3] * 20 + [9] * 10
    days = [*range(31), 9, 9]

    first, second = doubted(read(people(use_days=classes)))
    assert "9 in 10 rows may stand for" in first
    assert "no number is above 7, which looks like days of a week or like classes" in second
    assert doubted(read(people(use_days=days))) == []


def test_days_of_a_week_are_doubted(read: Read) -> None:
    assert "looks like days of a week" in doubted(read(people(use_days=[0, 7, 3, 2])))[0]
    assert doubted(read(people(use_days=[0, 7, 3, 8]))) == []


def test_very_old_people_are_doubted_where_there_are_many(read: Read) -> None:
    ages = [*range(20, 80), 91, 92, 93, 94, 95, 96, 100, 101, 102, 103]

    assert doubted(read(people(age=ages))) == [
        "intake.csv: column 2 (age): 10 people are older than 90 years"
    ]
    assert doubted(read(people(age=[*range(20, 80), 91]))) == []
    assert "a few people are older" in doubted(read(people(age=[*range(20, 80), 91, 93])))[0]


def test_children_alone_are_doubted(read: Read) -> None:
    assert doubted(read(people(age=[12, 13, 14, 17]))) == [
        "intake.csv: column 2 (age): nobody is 18 or older; are these ages in years?"
    ]
    assert doubted(read(people(age=[12, 13, 14, 18]))) == []


def test_great_distances_are_doubted(read: Read) -> None:
    metres = [150 + 17 * at for at in range(20)]

    assert doubted(read(people(distance_km=metres))) == [
        "intake.csv: column 5 (distance_km): half of the people live more than 100 km away; is "
        "this in kilometres?",
    ]
    assert (
        "somebody lives more than 500 km away"
        in doubted(read(people(distance_km=[1, 2, 3, 4, 501])))[0]
    )
    assert (
        "10 people live more than 500 km away"
        in doubted(read(people(distance_km=[*range(20), *range(600, 610)])))[0]
    )
    assert doubted(read(people(distance_km=[1, 2, 3, 4, 499]))) == []
    assert doubted(read(people(distance_km=[*(at % 40 for at in range(200)), 501]))) == []


@pytest.mark.parametrize(("column", "value"), [("age", 30), ("distance_km", 10), ("use_days", 30)])
def test_one_number_for_everybody_is_doubted(read: Read, column: str, value: int) -> None:
    assert [
        text.partition(": this")[2] for text in doubted(read(people(**{column: [value] * 10})))
    ] == [" is the same number for everybody of whom it is known"]
    assert doubted(read(people(**{column: [value] * 9}))) == []


@pytest.mark.parametrize("name", load_catalogue().mixes)
@pytest.mark.parametrize("length", [12, 60, 600, 3_000])
def test_people_of_the_shipped_mixes_raise_no_doubt(read: Read, name: str, length: int) -> None:
    mix, draw = load_catalogue().mixes[name], random.Random(1)
    median, p90 = mix.distance_median_km.value, mix.distance_p90_km.value
    spread = math.log(p90 / median) / 1.2816

    def age() -> float:
        return max(mix.age_min.value, draw.gauss(mix.age_mean.value, mix.age_sd.value))

    for _ in range(5):
        roster = read(
            people(
                age=[round(age()) for _ in range(length)],
                distance_km=[
                    round(draw.lognormvariate(math.log(median), spread)) for _ in range(length)
                ],
                use_days=[
                    min(30, max(0, round(draw.gauss(mix.use_days.value, 8.0))))
                    for _ in range(length)
                ],
            )
        )
        assert doubted(roster) == []


def test_the_people_of_the_template_raise_no_doubt(read: Read) -> None:
    assert doubted(read(template())) == []


def test_a_handful_of_rows_for_many_people_is_told(read: Read) -> None:
    def rows(opioid: int, alcohol: int = 0) -> Roster:
        return read(people(substance=["opioid"] * opioid + ["alcohol"] * alcohol))

    alike = "with fewer than 30 rows they are much alike"
    assert drawn_from_few(rows(2).rows, 340) == [
        f"about 340 simulated people or more will be drawn from 2 rows; {alike}"
    ]
    assert drawn_from_few(rows(1).rows, 2) == [
        f"about 2 simulated people or more will be drawn from one row; {alike}"
    ]
    assert drawn_from_few(rows(29).rows, 29) == []
    assert drawn_from_few(rows(30).rows, 340) == []
    assert drawn_from_few(rows(40, 3).rows, 340) == [
        f"all who come for alcohol will be drawn from a few rows; {alike}"
    ]


def test_doubts_are_warnings_of_the_scenario(write: Callable[..., Path], folder: Path) -> None:
    Path("intake.csv").write_text(people(age=[20, 99, 99, 99]), encoding="utf-8")
    start = 'extends = "baseline"\n[population]\nroster = "intake.csv"\n'

    scenario = load(write(f"{start}[arrivals]\nper_week = 7.0\n[horizon]\ndays = 365\n"))

    assert scenario.warnings[-2:] == (
        "mine.toml:3: population.roster: about 365 simulated people or more will be drawn from 4 "
        "rows; with fewer than 30 rows they are much alike",
        "intake.csv: column 2 (age): a few rows hold 77, 88, 97, 98 or 99, which may stand for "
        "what is not known; if so, take these rows out",
    )
    assert "about 50 simulated" in load(write(f"{start}[arrivals]\ncohort = 50\n")).warnings[-2]
    cohort = load(write(f"{start}[arrivals]\ncohort = 4\n"))
    assert not any("drawn from" in warning for warning in cohort.warnings)


# --- what was read ------------------------------------------------------------------------------


def test_what_was_read_is_told_of_many_together(read: Read) -> None:
    at = range(200)
    told = read_back(
        read(
            people(
                age=[20 + one // 4 for one in at],
                sex=["f" if one < 120 else "m" if one < 180 else "" for one in at],
                distance_km=[one / 2 if one < 50 else "" for one in at],
                use_days=["" for _ in at],
                diagnoses=["none" if one < 100 else "ptsd|adhd" if one < 150 else "" for one in at],
            )
        )
    )

    assert list(told) == ["age", "sex", "substance", "distance_km", "use_days", "diagnoses"]
    assert told["age"] == Told(200, 1.0, median=44, low=22, high=67, within=0.9)
    assert told["sex"] == Told(180, 0.9, counts={"female": 120, "male": 60})
    assert told["substance"] == Told(200, 1.0, counts={"opioid": 200})
    assert told["distance_km"] == Told(50, 0.25, median=12, low=6, high=18, within=0.5)
    assert told["use_days"] == Told(0, 0.0)
    assert told["diagnoses"] == Told(150, 0.75, counts={"ptsd": 50, "adhd": 50})


def test_what_fewer_than_ten_people_say_is_withheld(read: Read) -> None:
    nine = read_back(read(people(age=range(20, 29))))
    assert set(nine.values()) == {Told(None, None, withheld=True)}

    few = read_back(read(people(use_days=[9] * 9 + [""] * 30)))
    assert few["use_days"] == Told(None, None, withheld=True)

    nearly_all = read_back(read(people(use_days=[*range(1, 31), ""])))["use_days"]
    assert (nearly_all.known, nearly_all.share_known, nearly_all.withheld) == (None, None, True)
    assert nearly_all.median == 16


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["self"] * 60 + ["court"] * 9, {}),
        (["self"] * 60 + ["court"] * 10, {"self": 60, "court": 10}),
        (["self"] * 60 + ["court"] * 9 + ["jail_release"] * 12, {"self": 60}),
        (["self"] * 60 + ["court"] * 9 + ["jail_release"] * 3, {"self": 60}),
        (["self"] * 60 + ["court"] * 20 + [""] * 5, {"self": 60}),
    ],
    ids=["nine", "ten", "nine and more", "twelve together", "five not known"],
)
def test_no_small_group_can_be_worked_out(
    read: Read, cells: list[str], shown: dict[str, int]
) -> None:
    told = read_back(read(people(stream=cells)))["stream"]

    assert told.counts == shown
    assert told.withheld is (sum(shown.values()) < len(cells))


def test_a_list_leaves_out_names_that_nearly_all_or_few_have(read: Read) -> None:
    nearly_all = ["ptsd"] * 55 + ["none"] * 5
    few = ["ptsd | adhd"] * 5 + ["ptsd"] * 40 + ["none"] * 20

    assert read_back(read(people(diagnoses=nearly_all)))["diagnoses"].counts == {}
    assert read_back(read(people(diagnoses=few)))["diagnoses"].counts == {"ptsd": 45}


@pytest.mark.parametrize("length", [10, 11, 19, 40, 99, 100, 101, 400])
def test_a_range_is_never_that_of_one_person(read: Read, length: int) -> None:
    """At both ends several people lie beyond what is told, whoever they are."""
    values = [12.0 + 98.0 * at / (length - 1) for at in range(length)]

    told = read_back(read(people(age=values)))["age"]

    assert told.low is not None
    assert told.high is not None
    assert beyond(values, told.low, told.high) == [True, True]


def beyond(values: Iterable[float], low: int, high: int) -> list[bool]:
    ordered = sorted(values)
    least = max(2, len(ordered) // 25)
    return [ordered[least] <= low, ordered[-1 - least] >= high]


def test_the_least_group_told_is_that_of_the_results() -> None:
    from txsim.outcomes.subgroups import SMALLEST_SHOWN

    assert SMALLEST_SHOWN == FEWEST_TOLD == 10
