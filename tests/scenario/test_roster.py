"""A roster is read into typed people, or refused with every problem by line."""

import tracemalloc
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.catalogue import load_catalogue
from txsim.errors import ScenarioError
from txsim.scenario.roster import (
    COLUMNS,
    RosterRow,
    doubts,
    load_roster,
    read_roster,
    template,
)
from txsim.scenario.roster.cells import NameReader
from txsim.scenario.roster.lines import MOST_COMMENTS, MOST_LINES
from txsim.scenario.roster.mistakes import Fault
from txsim.scenario.roster.reading import MOST_WRONG

Read = Callable[[str], list[RosterRow]]
Problems = Callable[[str], list[str]]


def with_distances(cells: str) -> str:
    """A roster with semicolons, of a person for each of some distances."""
    rows = [f"p{at};34;f;opioid;{cell}\n" for at, cell in enumerate(cells.split())]
    return "person;age;sex;substance;distance_km\n" + "".join(rows)


@pytest.fixture
def read(folder: Path) -> Read:
    def from_text(text: str) -> list[RosterRow]:
        Path("people.csv").write_text(text, encoding="utf-8")
        return load_roster("people.csv", load_catalogue())

    return from_text


@pytest.fixture
def problems(read: Read) -> Problems:
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

    assert repr(row) == "RosterRow(0)"
    assert not any("Jane" in str(getattr(row, field.name)) for field in fields(row))


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


def test_each_mistake_is_told_once_with_its_lines(problems: Problems) -> None:
    found = problems("""\
# a note
person,age,sex,substance,injecting,diagnoses,medication,distance_km
a,34,female,opioid,yes,ptsd,methadone,3
b,abc,woman,cocain,maybe,pstd,methadon,-3
a,34,female,opioid,yes,ptsd,acamprosate,3
,,,,,,,
c,34,female,opioid

,7,f,,,,,
d,x,f,opioid,perhaps,,,
""")

    assert [text.partition(" (allowed")[0] for text in found] == [
        "people.csv:4: column 2 (age): this must be a number in digits, without a unit; it must be "
        "known of everybody, so take out rows without it; also on line 10",
        "people.csv:4: column 3 (sex): this must be female or male; leave the cell empty when it "
        "is neither or not known",
        "people.csv:4: column 4 (substance): this name is not known",
        "people.csv:4: column 5 (injecting): this must be yes or no; leave the cell empty when it "
        "is not known; also on line 10",
        "people.csv:4: column 6 (diagnoses): a name is not known; names stand with | between them",
        "people.csv:4: column 7 (medication): this name is not known",
        "people.csv:4: column 8 (distance_km): this number is out of range; leave the cell empty "
        "when it is not known",
        "people.csv:5: column 1 (person): the same person stands on line 3",
        "people.csv:5: column 7 (medication): this medication is not for what the person comes for",
        "people.csv:7: this row does not have as many cells as the header (got 4, allowed 8)",
        "people.csv:9: column 1 (person): this cell is needed",
        "people.csv:9: column 2 (age): this number is out of range; it must be known of everybody, "
        "so take out rows without it",
        "people.csv:9: column 4 (substance): this cell is needed",
    ]
    assert "allowed opioid, alcohol)" in found[2]
    assert 'did you mean "ptsd"?' in found[4]
    assert "(allowed 0 to 2000)" in found[6]
    assert "acamprosate, disulfiram for alcohol)" in found[8]


def test_lines_are_counted_when_there_are_many(problems: Problems) -> None:
    rows = "".join(f"{number},x,f,opioid\n" for number in range(125))

    (found,) = problems(f"person,age,sex,substance\n{rows}")

    assert "; also on lines 3, 4, 5 and 121 more (" in found


def test_reading_stops_when_it_is_plain_what_is_wrong(problems: Problems) -> None:
    rows = "".join(f"{number},x,f,opioid\n" for number in range(MOST_WRONG + 7))

    found = problems(f"person,age,sex,substance\n{rows}nobody,1\n")

    assert f"also on lines 3, 4, 5 and {MOST_WRONG - 4:,} more" in found[0]
    assert found[1:] == [
        f"people.csv:{MOST_WRONG + 1}: {MOST_WRONG:,} rows are wrong; those below this line were "
        "not read"
    ]


def test_missing_and_unknown_columns(problems: Problems) -> None:
    found = problems("person,agee,sex,age,Age,name,zip\n")

    assert [text.partition(" (allowed")[0] for text in found] == [
        "people.csv:1: column substance: this column is missing",
        "people.csv:1: column 5 (age): this column stands twice",
        "people.csv:1: column 2: there is no column of this name; take it out, txsim does not "
        'read it (did you mean "age"?)',
        "people.csv:1: columns 6 and 7: there is no column of this name; take it out, txsim does "
        "not read it",
    ]


def test_a_roster_without_a_header_is_one_mistake(problems: Problems) -> None:
    (found,) = problems("Ann Other 1961-03-02,63,male,opioid\nBea Other,40,female,alcohol\n")

    assert found.startswith("people.csv:1: no column has a name that is known; the first line")
    assert "(allowed person, age, sex, " in found


def test_problems_do_not_name_people(problems: Problems) -> None:
    found = problems("person,age,sex,substance\nJane,1,f,opioid\nJane,30,f,opioid\n")

    assert len(found) == 2
    assert not any("Jane" in text for text in found)


def test_people_who_stand_twice_are_counted(problems: Problems) -> None:
    rows = "".join(f"{name},30,f,opioid\n" for name in "abcabc")

    assert problems(f"person,age,sex,substance\n{rows}") == [
        "people.csv:5: column 1 (person): the same person stands on line 2; other people stand "
        "twice on lines 6 and 7"
    ]


def test_a_roster_without_people(problems: Problems) -> None:
    assert problems("person,age,sex,substance\n") == ["people.csv: the roster holds no people"]


def test_a_quoted_line_break_keeps_later_lines_right(problems: Problems) -> None:
    (found,) = problems('person,age,sex,substance\n"a\nb",30,f,opioid\nc,x,f,opioid\n')

    assert found.startswith("people.csv:4: column 2 (age): this must be a number")


# --- as spreadsheets, statistics programs and health records write rosters ----------------------


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\nsep=;"])
def test_the_line_that_names_the_separator_is_obeyed(read: Read, first: str) -> None:
    rows = read(f"\ufeff{first}\r\nperson;age;sex;substance\r\nA-01;34;female;opioid\r\n")

    assert [row.age for row in rows] == [34.0]


def test_the_separator_that_is_named_wins(read: Read) -> None:
    (row,) = read("sep=\t\n# a, b, c\nperson\tage\tsex\tsubstance\nA, b\t34,5\tf\topioid\n")

    assert row.age == 34.5


@pytest.mark.parametrize("named", ["#", "", "||", ";x"])
def test_another_separator_is_told(problems: Problems, named: str) -> None:
    assert problems(f"sep={named}\nperson;age;sex;substance\na;34;f;opioid\n") == [
        "people.csv:1: the sign that sep= names is not one that may stand between cells "
        "(allowed a comma, a semicolon, a tab)"
    ]


def test_names_are_read_in_any_case(read: Read) -> None:
    first, second = read(
        "Person,AGE,Sex,Substance,Medication,Diagnoses,Stream,Barriers,Use Days,Distance-KM\n"
        "a,34,Female,Opioid,Methadone,Depression | PTSD,Self,None,3,4\n"
        "b,41,MALE,ALCOHOL,XR Naltrexone-alcohol,Anxiety disorder,Jail-Release,Legal Trouble,,\n"
    )

    assert (first.female, first.substance, first.medication) == (True, "opioid", "methadone")
    assert (first.diagnoses, first.stream, first.barriers) == (("depression", "ptsd"), "self", ())
    assert (first.use_days, first.distance_km) == (3.0, 4.0)
    assert (second.female, second.substance, second.stream) == (False, "alcohol", "jail_release")
    assert second.medication == "xr_naltrexone_alcohol"
    assert (second.diagnoses, second.barriers) == (("anxiety",), ("legal",))


def test_a_spelling_that_two_names_share_is_not_guessed() -> None:
    reader = NameReader(["job_loss", "jobloss", "debt"], {"debt": "Job loss"})

    assert (reader("job_loss"), reader("jobloss"), reader("DEBT")) == (
        "job_loss",
        "jobloss",
        "debt",
    )
    assert isinstance(NameReader(["job_loss", "jobloss"])("Job Loss"), Fault)


def test_a_cell_of_signs_alone_is_not_the_word_none(problems: Problems) -> None:
    (found,) = problems("person,age,sex,substance,diagnoses\na,34,f,opioid,|\n")

    assert found.startswith("people.csv:2: column 5 (diagnoses): a name is not known")


def test_decimal_commas_are_read_where_they_are_plain(read: Read) -> None:
    first, second = read(
        "\ufeffperson;age;sex;substance;distance_km;use_days\r\n"
        "A-01;34;female;opioid;4,5;27\r\nA-02;51,25;male;opioid;22,0;\r\n"
    )

    assert (first.distance_km, second.distance_km, second.age) == (4.5, 22.0, 51.25)


@pytest.mark.parametrize(
    ("cells", "kilometres"),
    [
        ("4,5 1,234", [4.5, 1.234]),
        ("0,125 7", [0.125, 7.0]),
        ("4.5 1.234", [4.5, 1.234]),
        ("1.234 7", [1.234, 7.0]),
    ],
)
def test_three_decimals_are_read_where_the_file_says_what_they_are(
    read: Read, cells: str, kilometres: list[float]
) -> None:
    assert [row.distance_km for row in read(with_distances(cells))] == kilometres


@pytest.mark.parametrize("cells", ["1,234 7", "4,5 1.234", "4.5 1,234"])
def test_what_may_be_a_thousand_is_not_guessed(problems: Problems, cells: str) -> None:
    (found,) = problems(with_distances(cells))

    assert "column 5 (distance_km): this can be read in two ways, as thousands or with" in found


@pytest.mark.parametrize("cell", ["1.200,5", "1,200.5", "1 200", "1'200", "1,234,567"])
def test_signs_between_thousands_are_told(problems: Problems, cell: str) -> None:
    (found,) = problems(f'person;age;sex;substance;distance_km\na;34;f;opioid;"{cell}"\n')

    assert found == (
        "people.csv:2: column 5 (distance_km): write numbers without signs between thousands: "
        "1234.5 (allowed 0 to 2000)"
    )


def test_a_decimal_comma_between_commas_is_told(problems: Problems) -> None:
    header = "person,age,sex,substance,distance_km"

    assert problems(f'{header}\na,34,F,opioid,"4,5"\nb,34,F,opioid,4,5\n') == [
        "people.csv:2: column 5 (distance_km): write a decimal point, not a comma: 4.5 "
        "(allowed 0 to 2000)",
        "people.csv:3: this row has more cells than the header; a cell with a comma in it needs "
        "quotation marks around it (got 6, allowed 5)",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("3_4", "４１", "1e1", "1e999", "inf", "nan", "0x1F", "12 km", "3-5", "~10", "daily"),
        *("1.2.3", "+-", ".", "5,,5", "½", "٣", "\u22125", "7.5mi", "2.98725E+13"),
    ],
)
def test_only_digits_are_numbers(problems: Problems, cell: str) -> None:
    assert problems(f"person;age;sex;substance;use_days\na;34;f;opioid;{cell}\n") == [
        "people.csv:2: column 5 (use_days): this must be a number in digits, without a unit; "
        "leave the cell empty when it is not known (allowed 0 to 30)"
    ]


@pytest.mark.parametrize(
    ("cell", "number"), [(" 7 ", 7), ("+7", 7), ("007", 7), (".5", 0.5), ("1.", 1)]
)
def test_other_ways_to_write_a_number(read: Read, cell: str, number: float) -> None:
    (row,) = read(f"person,age,sex,substance,use_days\na,34,f,opioid,{cell}\n")

    assert row.use_days == number


@pytest.mark.parametrize(
    "cell", ["NA", "N/A", "U", "unknown", ".", "NULL", "-", "Not known", "#N/A"]
)
@pytest.mark.parametrize("column", ["injecting", "stream", "medication", "diagnoses", "use_days"])
def test_what_is_not_known_is_left_empty(problems: Problems, cell: str, column: str) -> None:
    (found,) = problems(f"person,age,sex,substance,{column}\na,34,f,opioid,{cell}\n")

    assert found.startswith(f"people.csv:2: column 5 ({column}): ")
    assert "leave the cell empty when it is not known" in found


def test_age_and_substance_cannot_be_left_empty(problems: Problems) -> None:
    for found in problems("person,age,sex,substance\na,NA,f,NA\n"):
        assert "it must be known of everybody, so take out rows without it" in found


def test_answers_as_programs_write_them(read: Read) -> None:
    for yes, no in (("YES", "No"), ("Y", "n"), ("1", "0"), ("1.0", "0.0"), ("TRUE", "False")):
        first, second = read(
            f"person,age,sex,substance,pregnant\na,34,F,opioid,{yes}\nb,34,Male,opioid,{no}\n"
        )
        assert (first.pregnant, second.pregnant) == (True, False)
        assert (first.female, second.female) == (True, False)


@pytest.mark.parametrize("cell", ["X", "Transgender", "Transgender Male", "nonbinary", "1"])
def test_another_sex_is_left_empty(problems: Problems, cell: str) -> None:
    assert problems(f"person,age,sex,substance\na,34,{cell},opioid\n") == [
        "people.csv:2: column 3 (sex): this must be female or male; leave the cell empty when it "
        "is neither or not known (allowed female, male)"
    ]


def test_a_wrong_substance_makes_no_medication_wrong(problems: Problems) -> None:
    found = problems(
        "person,age,sex,substance,medication\n"
        "a,34,Female,Heroin,methadone\nb,34,Female,Opioids,methadone\n"
        "c,34,F,opioid,suboxone\nd,34,F,opioid,Vivitrol\n"
    )

    assert [text.partition(" (allowed")[0] for text in found] == [
        "people.csv:2: column 4 (substance): this name is not known; also on line 3",
        "people.csv:4: column 5 (medication): this name is not known; also on line 5",
    ]
    assert 'did you mean "opioid"?' in found[0]


def test_empty_columns_behind_the_last_do_no_harm(read: Read) -> None:
    header = "person,age,sex,substance,,,"

    assert len(read(f"{header}\na,34,F,opioid,,,\nb,41,M,opioid\nc,41,M,opioid,,,,,,\n")) == 3


def test_a_column_without_a_name_is_not_read_and_that_is_told(folder: Path) -> None:
    """Statistics programs put the number of the row into a column without a name."""
    text = '"","person","age","sex","substance"\n"1","a",34,"female","opioid"\n'
    Path("people.csv").write_text(text, encoding="utf-8")

    roster = read_roster("people.csv", load_catalogue())

    assert len(roster.rows) == 1
    assert list(map(str, doubts(roster))) == [
        "people.csv: column 1: it has no name, so it is not read"
    ]


def test_lines_may_end_as_on_an_old_macintosh(read: Read) -> None:
    assert len(read("person,age,sex,substance\ra,34,f,opioid\rb,34,f,opioid\r")) == 2


def test_comments_above_the_header_may_hold_anything(read: Read) -> None:
    text = '# don\'t "quote\n"# re-saved, by a spreadsheet",,,\n;;;\nperson;age;sex;substance\n'

    assert len(read(f"{text}a;34;f;opioid\n")) == 1


# --- files that are no tables -------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_other_encodings_are_told(folder: Path, encoding: str) -> None:
    text = "person,age,sex,substance\nJosé,34,f,opioid\n"
    Path("people.csv").write_bytes(text.encode(encoding))

    with pytest.raises(
        ScenarioError, match="the file is not UTF-8 text; save it as UTF-8"
    ) as found:
        load_roster("people.csv", load_catalogue())
    assert len(found.value.problems) == 1


HEADER = "person,age,sex,substance"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{HEADER}\n"a,30,f,opioid\n', 2),
        (f'{HEADER}\na,30,f,opioid\n"b"x,30,f,opioid\n', 3),
        (f'{HEADER}\n"{"long, " * 200_000}', 2),
        (f"{HEADER}\n{'x' * 200_000},30,f,opioid\n", 2),
        (f"{HEADER}\n" + '"\n",' * 400_000, 2),
        ("person,age,sex,substance," * 100_000, 1),
    ],
    ids=["not closed", "broken", "swallows all", "long cell", "many lines", "no line ends"],
)
def test_a_file_that_is_no_table_is_one_mistake(problems: Problems, text: str, line: int) -> None:
    assert problems(text) == [
        f"people.csv:{line}: it is unclear where cells end from here on: a quotation mark is not "
        "closed, or a cell or line is far too long"
    ]


def test_a_hundred_thousand_columns_are_few_mistakes(problems: Problems) -> None:
    header = "".join(f"h{number}," for number in range(100_000))

    found = problems(f"{header}{HEADER}\n{'a,' * 100_003}a\n")

    assert found[0].startswith("people.csv:1: columns 1, 2, 3, 4, 5 and 99,995 more: there is no")
    assert len(found) == 4


def test_lines_that_say_nothing_are_not_read_for_ever(problems: Problems) -> None:
    assert problems("# a\n" * (MOST_COMMENTS + 1) + HEADER)[0].startswith(
        f"people.csv:{MOST_COMMENTS + 1}: no columns are named in the first {MOST_COMMENTS:,} lines"
    )
    assert problems(HEADER + "\n" * (MOST_LINES + 10)) == [
        f"people.csv:{MOST_LINES + 1}: the file has more than {MOST_LINES:,} lines"
    ]


def test_work_on_a_bad_roster_does_not_grow_with_it(problems: Problems) -> None:
    """Every cell of 40,000 rows is wrong in another way: few messages, within few megabytes."""
    row = "p{0},x{0},f{0},op{0},se{0},a{0},b{0},c{0},meth{0},y{0},y{0},n{0},n{0},n{0},y{0},n{0},"
    row += "y{0},y{0},depr{0} | ptsd{0},tra{0}\n"
    text = ",".join(COLUMNS) + "\n" + "".join(row.format(number) for number in range(40_000))
    assert len(text) > 4_000_000

    tracemalloc.start()
    found = problems(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == len(COLUMNS)
    assert sum(map(len, found)) < 10_000
    assert most < 40_000_000


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("roster") / "people.csv"
    path.write_bytes(f"person,age,sex,substance\n{text}".encode("utf-8", "surrogatepass"))

    try:
        found: list[object] = list(load_roster(path, load_catalogue()))
    except ScenarioError as error:
        found = list(error.problems)
    assert found
