"""Scenarios with something wrong in them, each settled by a seed and a number.

A scenario is broken in its bytes, in its tokens, in its values (any key of the schema set to
something extreme or of another kind), in what it extends, or in how much it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from inputs import MAIN, Inputs, broken_bytes, chance

from txsim.catalogue import load_catalogue
from txsim.scenario.editor import json_schema
from txsim.scenario.shipped import shipped_folder

SMALL_CLINIC = Path(__file__).with_name("small_clinic.toml")

Keys = tuple[str | int, ...]


@cache
def texts() -> tuple[str, ...]:
    """The texts that are broken: every shipped scenario, and the small clinic twice as often."""
    shipped = [path.read_text("utf-8") for path in sorted(shipped_folder().glob("*.toml"))]
    small = SMALL_CLINIC.read_text("utf-8")
    return (*shipped, *(len(shipped) * [small]))


def scenario(seed: int, number: int) -> Inputs:
    """The files of one trial."""
    luck = chance("scenario", seed, number)
    ways: tuple[tuple[Callable[[Random], Inputs], int], ...] = (
        (_bytes_broken, 2),
        (_tokens_broken, 3),
        (_values_broken, 6),
        (_extends_broken, 1),
        (_too_much, 1),
    )
    way = luck.choices([one for one, _ in ways], [weight for _, weight in ways])[0]
    return way(luck)


def runnable(seed: int, number: int) -> Inputs:
    """A small clinic with a few values changed, which is likelier to be accepted."""
    luck = chance("run", seed, number)
    return _over(SMALL_CLINIC.read_text("utf-8"), _some_values(luck, mild=True))


def _bytes_broken(luck: Random) -> Inputs:
    return Inputs({MAIN: broken_bytes(luck, luck.choice(texts()).encode())})


TOKEN = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_.:+-]+|\s+|.", re.DOTALL)

FIGURES = (
    "0", "1", "-1", "-0", "2", "0.0", "-0.0", "1e308", "-1e308", "1e-308", "1e400", "inf", "-inf",
    "nan", "true", "false", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "0x7fffffff", "0b1", "1_000", "1e9", "1e6", "1e5", "99999", "0.5", "1.0000001", "36525", "52.1",
    "1979-05-27", "07:32:00", "24:00:00", "1979-05-27T07:32:00Z", "[]", "{}", "[1]", "{x = 1}",
    '""', '"x"', "'use'", '"everyone"', '"1"', '"baseline"', '"' + "x" * 5000 + '"', '"\\u0000"',
    '"\\u001b[31m"', '"a.b"', '"=cmd"', '"$x^2{"', "[[[]]]", "9" * 5000, "0x" + "f" * 5000,
)  # fmt: skip
"""Values as they may be written, at and beyond any limit and of every kind."""


def _tokens_broken(luck: Random) -> Inputs:
    tokens = TOKEN.findall(luck.choice(texts()))
    words = [token for token in tokens if not token.isspace()]
    for _ in range(luck.choice((1, 1, 2, 4, 10))):
        at = luck.randrange(len(tokens))
        match luck.randrange(6):
            case 0:
                tokens[at] = luck.choice(FIGURES)
            case 1:
                tokens[at] = luck.choice(words)
            case 2:
                tokens[at] = ""
            case 3:
                other = luck.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 4:
                tokens[at] = tokens[at] * luck.choice((2, 30, 400))
            case _:
                tokens[at] = _misspelt(luck, tokens[at])
    return Inputs({MAIN: "".join(tokens).encode("utf-8", "surrogatepass")})


def _misspelt(luck: Random, word: str) -> str:
    at = luck.randrange(len(word) + 1)
    return word[:at] + luck.choice(("", "x", "_", "s", " ", "-")) + word[at + luck.randrange(2) :]


@cache
def places() -> tuple[tuple[Keys, dict[str, Any]], ...]:
    """Every place of the schema and what may stand there."""
    schema = json_schema(load_catalogue())
    return tuple(_places_below(schema, schema["$defs"], ()))


def _places_below(shape: Any, shapes: Any, keys: Keys) -> Any:
    if "$ref" in shape:
        shape = {**shapes[shape["$ref"].rpartition("/")[2]], **shape}
    if keys:
        yield keys, shape
    for way in ("anyOf", "oneOf"):
        for one in shape.get(way, ()):
            yield from _places_below(one, shapes, keys)
    for name, inner in shape.get("properties", {}).items():
        yield from _places_below(inner, shapes, (*keys, name))
    for inner in (shape.get("additionalProperties"), *shape.get("patternProperties", {}).values()):
        if isinstance(inner, dict) and len(keys) < 6:
            yield from _places_below(inner, shapes, (*keys, "*"))
    for inner in (shape.get("items"), *shape.get("prefixItems", ())[:1]):
        if isinstance(inner, dict):
            yield from _places_below(inner, shapes, (*keys, 0))


@cache
def names() -> tuple[str, ...]:
    """Names that mean something somewhere."""
    catalogue = load_catalogue()
    tables = (
        catalogue.services, catalogue.roles, catalogue.diagnoses, catalogue.barriers,
        catalogue.medications, catalogue.mediators, catalogue.traits, catalogue.hazards,
        catalogue.streams, catalogue.mixes, catalogue.take_home, catalogue.model,
    )  # fmt: skip
    own = ("own_group", "own_house", "own_rides", "own_medication", "own_diagnosis", "own_barrier")
    return (*(name for table in tables for name in table), *own, "own_mix", "car", "symptoms:ptsd")


def _value_for(luck: Random, shape: dict[str, Any], mild: bool) -> str:
    """Something that may stand at a place, or hardly."""
    least, most = shape.get("minimum"), shape.get("maximum")
    fitting: list[str] = []
    if least is not None and most is not None:
        whole = shape.get("type") == "integer"
        between = luck.choice((least, most, luck.uniform(least, most), luck.uniform(0, 2)))
        fitting += [str(int(between) if whole else float(between))] * 3
    fitting += [json.dumps(one) for one in shape.get("enum", ())]
    if shape.get("type") == "boolean":
        fitting += ["true", "false"]
    if shape.get("type") == "string":
        fitting += [json.dumps(luck.choice(names()))]
    if shape.get("type") == "array":
        some = luck.sample(names(), luck.randrange(3))
        fitting += [json.dumps(some)]
    if fitting and luck.random() < (0.95 if mild else 0.5):
        return luck.choice(fitting)
    return luck.choice(FIGURES)


def _written(luck: Random, keys: Keys) -> str:
    """The keys of a place, any name standing for itself, as a dotted key."""
    parts = []
    for key in keys:
        name = luck.choice(names()) if key == "*" else str(key)
        parts.append(name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name))
    return ".".join(parts)


def _some_values(luck: Random, *, mild: bool) -> str:
    """Lines that set some values; a list is given whole."""
    lines = []
    for _ in range(luck.choice((1, 1, 2, 3, 6))):
        keys, shape = luck.choice(places())
        value = _value_for(luck, shape, mild)
        while 0 in keys:
            at = keys.index(0)
            inner = keys[at + 1 :]
            value = f"[{{ {_written(luck, inner)} = {value} }}]" if inner else f"[{value}]"
            keys = keys[:at]
        lines.append(f"{_written(luck, keys)} = {value}\n")
    return "".join(lines)


def _over(base: str, lines: str) -> Inputs:
    """Values in a file of their own, over those of another that it extends."""
    text = 'extends = "base.toml"\n' + lines
    return Inputs({"base.toml": base.encode(), MAIN: text.encode("utf-8", "replace")})


def _values_broken(luck: Random) -> Inputs:
    return _over(luck.choice(texts()), _some_values(luck, mild=luck.random() < 0.5))


BAD_NAMES = (
    "", ".", "..", "/", "../x.toml", "/etc/passwd", "/dev/zero", "folder.toml", "link.toml",
    "circle.toml", "a" * 300 + ".toml", "a\\u0000b.toml", "\\u001b[31m.toml", "x" * 5000,
    "BASELINE", "baseline.toml", "mine.toml", "other", "é.toml", "a/b/c.toml", "~/x.toml",
    "con.toml", " .toml",
)  # fmt: skip


def _extends_broken(luck: Random) -> Inputs:
    files: dict[str, bytes] = {}
    length = luck.choice((1, 2, 3, 19, 20, 21, 60))
    for step in range(length):
        name = MAIN if step == 0 else f"s{step}.toml"
        base = luck.choice(
            (f"s{step + 1}.toml", f"s{step + 1}.toml", luck.choice(BAD_NAMES), "baseline", MAIN)
        )
        text = f'extends = "{base}"\n' if luck.random() < 0.95 else luck.choice(texts())
        if luck.random() < 0.3:
            text += _some_values(luck, mild=True)
        if luck.random() < 0.1:
            text += f'population.roster = "{luck.choice(BAD_NAMES)}"\n'
        files[name] = text.encode("utf-8", "replace")
    links = {"link.toml": "/etc/hostname", "circle.toml": "circle.toml"}
    return Inputs(files, links=links, folders=("folder.toml",))


def _too_much(luck: Random) -> Inputs:
    count = luck.choice((50, 500, 5_000, 30_000))
    name = luck.choice(names())
    line = luck.choice(
        (
            "services.x{}.label = 'x'", "diagnoses.d{} = {{ label = 'd', opioid = 0.5 }}",
            "staff.r{}.posts = 1", "clinic.k{} = 1", "k{} = 1", "[k{}]", "[[k]] # {}",
            "services.cbt.targets.h{} = 0.5", "medication.assign.m{} = 0.1", "x{} = [1, 2, 3]",
            "economics.prices.p{} = 1.0", f"effects.override.{name}.t{{}}.odds_ratio = 0.5",
            "roles.r{} = {{ label = 'r' }}", "mediators.m{} = {{ label = 'm' }}",
            "services.s{} = {{ label = 's', offered = true, kind = 'group', seats = 9 }}",
        )
    )  # fmt: skip
    lines = [f"{line.format(place)}\n" for place in range(count)]
    match luck.randrange(4):
        case 0:
            lines = [f"{'.'.join(['a'] * count)} = 1\n"]
        case 1:
            lines = ["x = " + luck.choice("[{") * count + "\n"]
        case 2:
            lines.append("title = '" + "x" * count * 9 + "'\n")
        case _:
            pass
    return Inputs({MAIN: ('extends = "baseline"\n' + "".join(lines)).encode()})
