"""A text that no scenario comes near is refused after one look, whatever it would cost to read."""

import time
import tomllib
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.catalogue.limits import MOST_ENTRIES, MOST_NAMES, MOST_PRICES
from txsim.errors import ScenarioError
from txsim.scenario import load
from txsim.scenario.extent import LONGEST_WORD, MOST_LEVELS, MOST_VALUES, TooMuch, measure

TOO_DEEP = f"the values are nested too deeply (allowed {MOST_LEVELS} levels)"


def told(path: Path) -> list[str]:
    """The mistakes of a file, found soon."""
    load("baseline")
    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert time.process_time() - started < 5.0
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("parts", [MOST_LEVELS + 1, 900, 1200, 20_000])
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{} = 1\n", 1),
        ("\n[{}]\nx = 1\n", 2),
        ("\n\n[[{}]]\nx = 1\n", 3),
        ("x = {{ {} = 1 }}\n", 1),
        ('x = """\n"""""\n{} = 1\n', 3),
    ],
)
def test_a_key_of_many_parts(write, parts: int, text: str, line: int) -> None:
    path = write(text.format(" . ".join(["a", '"b"', "'c'"] * parts)))

    tracemalloc.start()
    try:
        assert told(path) == [f"mine.toml:{line}: {TOO_DEEP}"]
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_levels_add_up_over_tables_and_lists(write) -> None:
    deep = ".".join("a" * (MOST_LEVELS // 2))

    assert told(write(f"\n[{deep}]\n{deep} = [[1]]\n")) == [f"mine.toml:3: {TOO_DEEP}"]


@pytest.mark.parametrize(
    "figure", ["7" * 5000, "0x" + "f" * 5000, "0b" + "1" * 5000, "1e" + "9" * 999]
)
@pytest.mark.parametrize(
    "place", ["[clinic]\nplaces = {}", "[arrivals]\nper_week = {}", "x = [{}]"]
)
def test_a_figure_of_thousands_of_digits(write, figure: str, place: str) -> None:
    (message,) = told(write(place.format(figure)))

    line = place.count("\n") + 1
    assert message == (
        f"mine.toml:{line}: a key or figure has {len(figure):,} characters (allowed {LONGEST_WORD})"
    )


@pytest.mark.parametrize(
    "value", ["2027-02-30", "1979-05-27T07:32:00+23:59", "0001-01-01", "24:00:00", "07:32:60"]
)
def test_dates_and_times(write, value: str) -> None:
    (message,) = told(write(f"\nclinic.places = {value}\n"))

    assert message.startswith("mine.toml:2: ")


@pytest.mark.parametrize("count", [MOST_VALUES + 2, 60_000])
@pytest.mark.parametrize("form", ["k{} = 1\n", "[k{}]\n", "[[k]] # {}\n", "x{} = [3, 4]\n"])
def test_more_values_than_a_scenario_has(write, count: int, form: str) -> None:
    (message,) = told(write("".join(form.format(place) for place in range(count))))

    values = sum(count * form.count(sign) for sign in "=[,")
    assert message == f"mine.toml: the file holds {values:,} values (allowed {MOST_VALUES:,})"


def test_many_values_over_many_others(write) -> None:
    each = MOST_VALUES // 2 - 100
    keys = "".join(f"k{place} = {{}}\n" for place in range(each))
    write('extends = "baseline"\n[services.x]\n' + keys.replace("{}", "1"), "base.toml")
    path = write('extends = "base.toml"\n[services.x]\n' + keys.replace("{}", "2"))

    assert "there is no entry of this name" in told(path)[0]

    write(f'extends = "base.toml"\n[services.x]\n{keys.replace("{}", "2")}', "more.toml")
    path = write('extends = "more.toml"\n[services.x]\n' + keys.replace("{}", "3"))
    assert told(path)[0].startswith("mine.toml: with what it extends, the scenario holds ")


@pytest.mark.parametrize(
    "form",
    [
        "x{} = 1\n",
        "clinic.overbooking_shar{} = 1\n",
        "staff.nurse.post{} = 1\n",
        "services.cbt.minute{} = 1\n",
        "services.cbt.indicated.barrier{} = 1\n",
    ],
)
def test_thousands_of_mistakes_are_told_soon_and_a_hundred_of_them_one_by_one(
    write, form: str
) -> None:
    messages = told(write("".join(form.format(place) for place in range(3000))))

    assert len(messages) == 101
    assert messages[-1] == "mine.toml: and 2,900 more mistakes"


@pytest.mark.parametrize(
    ("form", "place", "most"),
    [
        ("staff.counselor{}.posts = 1\n", "staff", MOST_NAMES),
        ("economics.prices.services.cbt.modes.x{} = 1\n", "economics.prices", MOST_PRICES),
        ("services.counselling{}.minutes = 1\n", "services", MOST_ENTRIES),
        ("services.cbt.relieves.x{} = 0.1\n", "services.cbt.relieves", MOST_NAMES),
        ("population.shares.depresion{} = 0.1\n", "population.shares", MOST_NAMES),
        ("effects.override.cbt.us{}.odds_ratio = 0.5\n", "effects.override.cbt", MOST_NAMES),
        ("model.jail_day{} = 3\n", "model", MOST_NAMES),
    ],
)
def test_tables_and_lists_hold_no_more_than_anybody_needs(
    write, form: str, place: str, most: int
) -> None:
    messages = told(write("".join(form.format(one) for one in range(most + 1))))
    assert messages[0].startswith(f"mine.toml:1: {place}: this holds too much (")
    assert messages[0].endswith(f"allowed at most {most:,})")

    messages = told(write("".join(form.format(one) for one in range(most))))
    assert not any("too much" in message for message in messages)
    assert len(messages) in (most, 101)


def test_long_keys_and_values_are_cut_in_messages(write) -> None:
    long = "x" * 5000

    messages = told(
        write(
            f'"{long}" = 1\n[clinic]\norder = "{long}"\ncapacity = "{long}"\n[staff]\n"{long}" = '
            f'{{}}\n[services."{long}"]\nlabel = "x"\n[services.cbt]\nmode = "{long}"\n'
        )
    )

    assert all(len(message) < 3000 for message in messages)
    assert not any("x" * 2001 in message for message in messages)


TEXTS = st.text(st.sampled_from(list("\"'\\#.=[]{},\n a1")), max_size=30)


@given(TEXTS, st.booleans())
def test_only_what_a_reader_takes_for_levels_counts(text: str, quoted: bool) -> None:
    """A text that is TOML is measured whole; nothing in quotation marks or comments is too deep."""
    deep = ".".join("a" * (MOST_LEVELS + 1))
    first = f"'{deep}' = 1 # {deep}\n" if quoted else ""
    try:
        tomllib.loads(first + text)
    except tomllib.TOMLDecodeError:
        return
    measure(first + text)
    with pytest.raises(TooMuch):
        measure(f"{first}{text}\n{deep} = 1\n")


@given(st.text(st.sampled_from(list("\"'\\#.=[]{},\n")), min_size=1, max_size=6), st.integers(0, 5))
def test_measuring_takes_time_in_proportion(piece: str, rest: int) -> None:
    text = piece * (200_000 // len(piece)) + piece[:rest]
    started = time.process_time()
    with suppress(TooMuch):
        measure(text)
    assert time.process_time() - started < 3.0
