"""A roster is read into typed people, or refused with every problem by line."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.catalogue import load_catalogue
from txsim.errors import ScenarioError
from txsim.scenario.roster import COLUMNS, MOST_PROBLEMS, RosterRow, load_roster, template

Read = Callable[[str], list[RosterRow]]


@pytest.fixture
def read(folder: Path) -> Read:
    def from_text(text: str) -> list[RosterRow]:
        Path("people.csv").write_text(text, encoding="utf-8")
        return load_roster("people.csv", load_catalogue())

    return from_text


@pytest.fixture
def problems(read: Read) -> Callable[[str], list[str]]:
    def of(text: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            read(text)
        return [str(problem) for problem in caught.value.problems]

    return of


def test_the_template_is_a_roster(read: Read) -> None:
    first, second = read(template())

    assert first == RosterRow(
        row=0,
        age=34.0,
        female=True,
        substance="opioid",
        stream="self",
        distance_km=4.5,
        use_days=27.0,
        detoxified=False,
        medication="methadone",
        injecting=True,
        fentanyl=True,
        prescription_opioids=False,
        stimulant_use=False,
        benzodiazepine_use=False,
        unemployed=True,
        pregnant=False,
        family_involved=True,
        earlier_episodes=True,
        diagnoses=("depression", "ptsd"),
        barriers=("transport", "money"),
    )
    assert (second.row, second.medication, second.diagnoses, second.barriers) == (1, None, (), None)


def test_the_template_tells_every_column() -> None:
    told = template()

    assert all(f"# {column}: " in told for column in COLUMNS)


def test_traits_are_named_as_in_the_catalogue() -> None:
    told = {field.name for field in fields(RosterRow)}
    answers = {name for name, meaning in COLUMNS.items() if meaning.startswith("yes or no")}

    assert answers - {"detoxified"} <= set(load_catalogue().traits)
    assert told >= answers


def test_no_row_holds_the_name_of_a_person(read: Read) -> None:
    (row,) = read("person,age,sex,substance\nJane Doe 1980,44,f,opioid\n")

    assert "Jane" not in repr(row)


def test_few_columns_are_enough_and_what_is_missing_is_not_known(read: Read) -> None:
    (row,) = read("substance;sex;age;person\nalcohol;;51,5;a\n".replace("51,5", "51.5"))

    assert (row.age, row.female, row.substance) == (51.5, None, "alcohol")
    assert all(
        getattr(row, field.name) is None
        for field in fields(RosterRow)
        if field.name not in ("row", "age", "substance")
    )


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_write_csv_in_several_ways(read: Read, sign: str, end: str) -> None:
    lines = ["person,age,sex,substance,diagnoses", '"a",30,Female,opioid,"ptsd|adhd"', ",,,,", ""]

    (row,) = read("\ufeff" + end.join(lines).replace(",", sign))

    assert (row.female, row.diagnoses) == (True, ("ptsd", "adhd"))


def test_all_problems_are_told_by_line(problems: Callable[[str], list[str]]) -> None:
    found = problems("""\
# a note
person,age,sex,substance,injecting,diagnoses,medication,distance_km
a,34,female,opioid,yes,ptsd,methadone,3
b,abc,woman,cocain,maybe,pstd,methadon,-3
a,34,female,opioid,yes,ptsd,acamprosate,3
,,,,,,,
c,34,female,opioid

,7,f,,,,,
""")

    text = "\n".join(found)
    for line, column, message in [
        (4, "age", 'this must be a number (got "abc")'),
        (4, "sex", 'this answer is not known (got "woman", allowed female, male)'),
        (4, "substance", 'this name is not known (got "cocain", allowed opioid, alcohol)'),
        (4, "injecting", 'this answer is not known (got "maybe", allowed yes, no)'),
        (4, "distance_km", "this number is out of range (got -3, allowed 0 to 2000)"),
        (5, "person", "the same person stands on line 3"),
        (9, "person", "this cell is needed"),
        (9, "age", "this number is out of range (got 7, allowed 12 to 110)"),
        (9, "substance", "this cell is needed"),
    ]:
        assert f"people.csv:{line}: column {column}: {message}" in text
    assert 'people.csv:4: column diagnoses: this name is not known (got "pstd"' in text
    assert 'did you mean "ptsd"?' in text
    assert 'people.csv:5: column medication: this name is not known (got "acamprosate"' in text
    assert "people.csv:7: this row has 4 cells, the header 8" in text
    assert len(found) == 13


def test_missing_and_unknown_columns(problems: Callable[[str], list[str]]) -> None:
    found = problems("person,agee,sex,age,age,name\n")

    assert [text.partition(" (")[0] for text in found] == [
        "people.csv:1: column substance: this column is missing",
        "people.csv:1: column agee: there is no column of this name; take it out, txsim does not "
        "read it",
        "people.csv:1: column age: this column stands twice",
        "people.csv:1: column name: there is no column of this name; take it out, txsim does not "
        "read it",
    ]
    assert 'did you mean "age"?' in found[1]


def test_problems_do_not_name_people(problems: Callable[[str], list[str]]) -> None:
    found = problems("person,age,sex,substance\nJane,1,f,opioid\nJane,30,f,opioid\n")

    assert len(found) == 2
    assert not any("Jane" in text for text in found)


def test_a_roster_without_people(problems: Callable[[str], list[str]]) -> None:
    assert problems("person,age,sex,substance\n") == ["people.csv: the roster holds no people"]


def test_a_broken_quotation(problems: Callable[[str], list[str]]) -> None:
    found = problems('person,age,sex,substance\n"a,30,f,opioid\n')

    assert found[0].startswith("people.csv:2: the line cannot be read as CSV")


def test_a_quoted_line_break_keeps_later_lines_right(
    problems: Callable[[str], list[str]],
) -> None:
    found = problems('person,age,sex,substance\n"a\nb",30,f,opioid\nc,x,f,opioid\n')

    assert found == ['people.csv:4: column age: this must be a number (got "x")']


def test_very_many_problems_are_counted(problems: Callable[[str], list[str]]) -> None:
    rows = "".join(f"{number},x,f,opioid\n" for number in range(MOST_PROBLEMS + 7))

    found = problems(f"person,age,sex,substance\n{rows}")

    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == "people.csv: and 7 more problems of this kind"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("roster") / "people.csv"
    path.write_bytes(f"person,age,sex,substance\n{text}".encode("utf-8", "surrogatepass"))

    try:
        found: list[object] = list(load_roster(path, load_catalogue()))
    except ScenarioError as error:
        found = list(error.problems)
    assert found
