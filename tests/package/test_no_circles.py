"""No circle of imports inside a room, so that each of its files can be read on its own.

The import contract keeps rooms above rooms; this keeps order among the files of one. Imports for
annotations alone do not count, since nothing is needed of them at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import txsim

PACKAGE = Path(txsim.__file__).parent
ROOMS = (
    "catalogue", "cli", "clinic", "compare", "compiled", "explain", "figures", "outcomes",
    "parameters", "people", "report", "rules", "scenario", "state", "story",
)  # fmt: skip


def modules_of(room: Path) -> dict[str, Path]:
    """The modules of a room by full name; a package goes by the name of its folder."""
    found = {}
    for file in sorted(room.rglob("*.py")):
        parts = file.relative_to(room.parent).with_suffix("").parts
        found[".".join(("txsim", *parts)).removesuffix(".__init__")] = file
    return found


def only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports_of(code: str, room: Set[str], *, whole: bool) -> Iterator[str]:
    """The modules of a room that a module imports; `whole` looks into functions as well."""
    waiting: list[ast.AST] = list(ast.parse(code).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in room)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written in full"
            for name in node.names:
                # What is imported from a package is one of its modules, or a name of its own.
                found = {f"{node.module}.{name.name}", str(node.module)} & room
                yield from sorted(found, key=len)[-1:]
        elif only_for_types(node):
            waiting += node.orelse if isinstance(node, ast.If) else []
        elif whole or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)


def needs(code: Mapping[str, str], *, whole: bool) -> dict[str, Set[str]]:
    """For each module of a room, the modules of the room that it imports."""
    return {name: set(imports_of(text, code.keys(), whole=whole)) for name, text in code.items()}


def circle(found: Mapping[str, Set[str]]) -> list[str]:
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


LATE = ("scenario",)
"""Rooms with a circle through functions: no design is made without the checks that read it."""


@pytest.mark.parametrize("whole", [False, True], ids=["at the top", "anywhere"])
@pytest.mark.parametrize("room", ROOMS)
def test_no_room_has_a_circle(room: str, whole: bool) -> None:
    code = {name: file.read_text("utf-8") for name, file in modules_of(PACKAGE / room).items()}
    assert len(code) > 3
    assert bool(circle(needs(code, whole=whole))) == (whole and room in LATE)


def test_circles_are_found() -> None:
    within = "def late():\n    from txsim.room.a import x\n"
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from txsim.room import a\n"
    top = "from txsim.room import a\nfrom txsim.room.c import y\n"
    a, room = "from txsim.room.b import y\n", "from txsim.room.a import x\n"
    for b, at_the_top, anywhere in (
        (within, False, True),
        (types, False, False),
        (top, True, True),
        ("from txsim.room import x\n", True, True),
        ("", False, False),
    ):
        code = {"txsim.room": room, "txsim.room.a": a, "txsim.room.b": b, "txsim.room.c": ""}
        assert bool(circle(needs(code, whole=False))) == at_the_top, b
        assert bool(circle(needs(code, whole=True))) == anywhere, b
