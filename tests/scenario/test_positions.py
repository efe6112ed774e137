"""Every key is found on the line on which it stands, however the file is written."""

import tomllib
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from txsim.scenario.toml_lines import lines_of_keys


def test_tables_dotted_keys_and_inline_tables_are_followed() -> None:
    text = """\
# a comment
title = "x"
[clinic]
places = 3
hours = { opens = 05:30:00, closes = 17:30:00 }
waiting_list.order = "first come"
[services.cbt]
offered = true
"""
    lines = lines_of_keys(text)

    assert lines["title",] == 2
    assert lines["clinic",] == 3
    assert lines["clinic", "places"] == 4
    assert lines["clinic", "hours", "closes"] == 5
    assert lines["clinic", "waiting_list"] == 6
    assert lines["clinic", "waiting_list", "order"] == 6
    assert lines["services",] == 7
    assert lines["services", "cbt", "offered"] == 8


def test_items_of_arrays_have_lines_of_their_own() -> None:
    text = """\
days = [
    "mon",  # ] not the end
    "tue",

    ["wed", { deep = 1 }],
]
[[step]]
from_day = 0
[[step]]
from_day = 9
[step.more]
x = 1
"""
    lines = lines_of_keys(text)

    assert lines["days",] == 1
    assert [lines["days", item] for item in range(3)] == [2, 3, 5]
    assert lines["days", 2, 1, "deep"] == 5
    assert lines["step", 0, "from_day"] == 8
    assert lines["step", 1, "from_day"] == 10
    assert lines["step", 1, "more", "x"] == 12


def test_text_that_looks_like_keys_is_not_taken_for_keys() -> None:
    text = '''\
note = """
places = 3
[clinic] \\""" still inside ""\\"
"""""
also = \'\'\'
[no]\'\'\'\'
"a.b" = { 'c d' = "}, x = 1" }
after = 1
'''
    lines = lines_of_keys(text)

    assert set(lines) == {("note",), ("also",), ("a.b",), ("a.b", "c d"), ("after",)}
    assert lines["after",] == 8


def test_windows_line_ends_count_once() -> None:
    assert lines_of_keys("a = 1\r\n\r\nb = 2\r\n")["b",] == 3


# --- any file at all ---------------------------------------------------------------------------


@dataclass
class Writer:
    """Writes values as TOML in ways chosen by Hypothesis, and remembers where it wrote each."""

    data: st.DataObject
    lines: list[str] = field(default_factory=lambda: [""])
    places: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def put(self, text: str) -> None:
        first, *more = text.split("\n")
        self.lines[-1] += first
        self.lines += more

    def here(self, path: tuple[str | int, ...]) -> None:
        self.places.setdefault(path, len(self.lines))

    def choose(self, *ways: str) -> str:
        return self.data.draw(st.sampled_from(ways))

    def key(self, name: str) -> str:
        plain = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
        return name if plain and self.data.draw(st.booleans()) else basic(name)

    def table(self, values: dict[str, Any], path: tuple[str | int, ...]) -> None:
        """First what stands under this header, then tables with headers of their own."""
        later = []
        for name, value in values.items():
            inner = (*path, name)
            if isinstance(value, dict) and self.data.draw(st.booleans()):
                later.append((inner, value))
                continue
            self.put(self.choose("", "\n", "# x = [\n", "  "))
            self.here(inner)
            if isinstance(value, dict) and len(value) == 1 and self.data.draw(st.booleans()):
                ((second, value),) = value.items()
                inner = (*inner, second)
                self.here(inner)
                self.put(f"{self.key(name)}{self.choose('.', ' . ')}{self.key(second)}")
            else:
                self.put(self.key(name))
            self.put(self.choose(" = ", "=", "\t=  "))
            self.value(value, inner)
            self.put(self.choose("\n", " # y = 1\n"))
        for inner, value in later:
            for length in range(1, len(inner) + 1):
                self.here(inner[:length])
            self.put("[" + self.choose(".", " . ").join(self.key(str(part)) for part in inner))
            self.put("]\n")
            self.table(value, inner)

    def value(self, value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            self.put("{")
            for position, (name, inner) in enumerate(value.items()):
                self.put(", " if position else " ")
                self.here((*path, name))
                self.put(f"{self.key(name)} = ")
                self.value(inner, (*path, name))
            self.put(" }")
        elif isinstance(value, list):
            self.put("[")
            for position, inner in enumerate(value):
                self.put(self.choose("", "\n", " # ], [\n  "))
                self.here((*path, position))
                self.value(inner, (*path, position))
                self.put(self.choose(",", ",\n") if position + 1 < len(value) else "")
            self.put(self.choose("", "\n", "," if value else ""))
            self.put("]")
        elif isinstance(value, str):
            self.put(self.text(value))
        else:
            self.put(str(value).lower())

    def text(self, value: str) -> str:
        ways = [basic(value), '"""\n' + basic(value)[1:-1].replace("\\n", "\n") + '"""']
        if "'" not in value and value.isprintable():
            ways += [f"'{value}'", f"'''\n{value}'''"]
        return self.choose(*ways)


def basic(text: str) -> str:
    """A basic string: what could end or break it is escaped."""
    kept = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    return '"' + "".join(kept.get(sign, sign) for sign in text) + '"'


SIGNS = st.sampled_from(list("ab_-=[]{}#.,\"'\\\n 0\u00e9"))
TEXTS = st.text(SIGNS, max_size=6)
NAMES = st.text(SIGNS, min_size=1, max_size=4)
VALUES = st.recursive(
    st.one_of(st.integers(0, 99), st.booleans(), TEXTS, st.just(1.5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.data())
def test_every_key_of_any_file_is_found_on_its_line(
    values: dict[str, Any], data: st.DataObject
) -> None:
    writer = Writer(data)
    writer.table(values, ())
    text = "\n".join(writer.lines)
    assert tomllib.loads(text) == values, "the writer of this test is wrong"

    assert lines_of_keys(text) == writer.places
