"""Which small mistakes can be written into a source file, each a change of one place.

A mutant is the file with one such mistake: `<` for `<=`, `+` for `-`, `and` for `or`, a number one
larger, a condition turned round, a statement left out, a slice one longer. The syntax tree says
where they fit; the text is changed where it stands, so that line numbers stay.
"""

from __future__ import annotations

import ast
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = (
    "rules",
    "parameters",
    "clinic/carry.py",
    "clinic/initial_caseload.py",
    "clinic/initial_state.py",
    "outcomes",
    "compare",
    "economics.py",
)
"""What is mutated, below the package's folder."""

COMPARISONS: dict[type[ast.cmpop], tuple[tuple[str, str], ...]] = {
    ast.Lt: (("<", "<="), ("<", ">=")),
    ast.LtE: (("<=", "<"), ("<=", ">")),
    ast.Gt: ((">", ">="), (">", "<=")),
    ast.GtE: ((">=", ">"), (">=", "<")),
    ast.Eq: (("==", "!="),),
    ast.NotEq: (("!=", "=="),),
    ast.In: ((" in ", " not in "),),
    ast.NotIn: ((" not in ", " in "),),
    ast.Is: ((" is ", " is not "),),
    ast.IsNot: ((" is not ", " is "),),
}
OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
OTHER_FUNCTION = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file; `key` stays the same when other parts of the file change."""

    file: str
    line: int
    reached_by: tuple[int, int]
    """First and last line whose running means that the changed place was reached; (0, 0) where
    that is all of the file."""
    text: str
    """The line as it stands."""
    change: str
    """What becomes what, in words."""
    begins: int
    ends: int
    new: str
    key: str

    def applied_to(self, source: bytes) -> bytes:
        """The file's text with the change made."""
        return source[: self.begins] + self.new.encode() + source[self.ends :]


@dataclass(frozen=True)
class Site:
    """Where in a file something is changed, and the text that comes in its place."""

    node: ast.AST
    begins: int
    ends: int
    new: str
    change: str


class Finder(ast.NodeVisitor):
    """All places of a file where a small mistake fits."""

    def __init__(self, file: str, source: bytes) -> None:
        self.file = file
        self.source = source
        self.lines = source.decode().splitlines()
        starts = [0]
        for line in source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self.starts = starts
        self.found: list[Mutant] = []
        self.functions: list[ast.AST] = []
        self.statements: list[ast.stmt] = []
        self.read_with_the_file = False
        """Whether what is in hand belongs to a function, but runs when the file is read."""
        self.counted: defaultdict[tuple[str, str], int] = defaultdict(int)

    # --- where things stand

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def begin(self, node: ast.AST) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        return self.at(node.end_lineno, node.end_col_offset)

    def written(self, node: ast.AST) -> str:
        return self.source[self.begin(node) : self.end(node)].decode()

    def reach(self) -> tuple[int, int]:
        """The lines of the statement in hand that run when it does."""
        if not self.functions or not self.statements or self.read_with_the_file:
            return 0, 0
        statement = self.statements[-1]
        body = getattr(statement, "body", None)
        last = body[0].lineno - 1 if body else statement.end_lineno
        return statement.lineno, max(last, statement.lineno)

    def add(self, node: ast.AST, begins: int, ends: int, new: str, change: str) -> None:
        """Note a mutant; it is known by the function it stands in, the change, and which it is."""
        around = self.functions[-1] if self.functions else self.statements[-1]
        whole = hashlib.sha256(ast.dump(around).encode()).hexdigest()[:12]
        number = self.counted[whole, change]
        self.counted[whole, change] += 1
        line = self.source[:begins].count(b"\n") + 1
        self.found.append(
            Mutant(
                self.file,
                line,
                self.reach(),
                self.lines[line - 1].strip(),
                change,
                begins,
                ends,
                new,
                f"{self.file} {whole} {change} {number}",
            )
        )

    def swap(self, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        """Change an operator that stands between two nodes."""
        begins, ends = self.end(left), self.begin(right)
        between = self.source[begins:ends].decode()
        if old.strip() not in between:
            return
        place = begins + len(between[: between.index(old.strip())].encode())
        self.add(
            left,
            place,
            place + len(old.strip()),
            new.strip(),
            f"{old.strip()} becomes {new.strip()}",
        )

    # --- what is left alone, and what is walked through

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            self.statements.append(node)
            if not self.leave_alone(node):
                self.statement(node)
                super().visit(node)
            self.statements.pop()
        else:
            super().visit(node)

    def leave_alone(self, node: ast.stmt) -> bool:
        """Imports, docstrings, messages of errors, and what is for type checkers."""
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise)):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return True
        return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.functions.append(node)
        self.read_with_the_file = len(self.functions) == 1
        for part in (*node.decorator_list, *node.args.defaults):
            self.visit(part)
        self.read_with_the_file = False
        for part in node.body:
            self.visit(part)
        self.functions.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    # --- what is changed

    def statement(self, node: ast.stmt) -> None:
        """Leave a statement out where the file still reads as one."""
        if not self.functions:
            return
        call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        kept = isinstance(node, ast.AugAssign) or (
            isinstance(node, ast.Assign)
            and all(isinstance(one, (ast.Attribute, ast.Subscript)) for one in node.targets)
        )
        jump = isinstance(node, (ast.Continue, ast.Break)) or (
            isinstance(node, ast.Return) and node.value is None
        )
        if call or kept or jump:
            self.add(node, self.begin(node), self.end(node), "pass", "a statement is left out")

    def condition(self, test: ast.expr) -> None:
        new = f"not ({self.written(test)})"
        self.add(test, self.begin(test), self.end(test), new, "the condition is turned round")

    def visit_If(self, node: ast.If) -> None:
        if not isinstance(node.test, ast.Compare):
            self.condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        if not isinstance(node.test, ast.Compare):
            self.condition(node.test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        left: ast.expr = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            for old, new in COMPARISONS[type(operator)]:
                self.swap(left, right, old, new)
            left = right
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in OPERATORS and not (is_text(node.left) or is_text(node.right)):
            self.swap(node.left, node.right, *OPERATORS[type(node.op)])
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in OPERATORS and not is_text(node.value):
            old, new = OPERATORS[type(node.op)]
            self.swap(node.target, node.value, f"{old}=", f"{new}=")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.swap(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.add(node, self.begin(node), self.begin(node.operand), "", "not is left out")
        elif isinstance(node.op, ast.USub):
            self.add(node, self.begin(node), self.begin(node) + 1, "+", "- becomes +")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.number(node, str(not value))
        elif isinstance(value, int):
            self.number(node, str(value + 1))
            self.number(node, str(value - 1))
        elif isinstance(value, float) and math.isfinite(value):
            self.number(node, repr(value * 2.0) if value else "1.0")
            if value not in (0.0, 1.0):
                self.number(node, repr(value + 1.0))

    def number(self, node: ast.Constant, new: str) -> None:
        old = self.written(node)
        if new.startswith("-"):
            new = f"({new})"
        self.add(node, self.begin(node), self.end(node), new, f"{old} becomes {new}")

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in OTHER_FUNCTION:
            other = OTHER_FUNCTION[name]
            end = self.end(node.func)
            self.add(node, end - len(name), end, other, f"{name} becomes {other}")
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        for edge in (node.lower, node.upper):
            if edge is not None and not isinstance(edge, ast.Constant):
                new = f"{self.written(edge)} + 1"
                self.add(edge, self.begin(edge), self.end(edge), new, "the slice is one off")
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """What is only said is left alone."""


def files_of(package: Path) -> list[str]:
    """The files that are mutated, by their path below the package's folder."""
    found = []
    for room in ROOMS:
        place = package / room
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        found += [file.relative_to(package).as_posix() for file in files]
    return found


def mutants_of(package: Path, file: str) -> list[Mutant]:
    """All mutants of a file."""
    source = (package / file).read_bytes()
    finder = Finder(file, source)
    finder.visit(ast.parse(source))
    return finder.found


def is_text(node: ast.expr) -> bool:
    """Whether an operand is seen to be words or a list, which cannot be reckoned with."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple))


def drawn(package: Path, how_many: int, seed: int) -> list[Mutant]:
    """So many mutants, by chance: two at least of every file, the others by its number of places.

    A mutant's luck hangs on its own key, so that most are the same after a change of the code.
    """
    by_file = {file: mutants_of(package, file) for file in files_of(package)}
    by_file = {file: by_luck(found, seed) for file, found in by_file.items() if found}
    shares = quotas({file: len(found) for file, found in by_file.items()}, how_many)
    return list(round_about({file: by_file[file][:share] for file, share in shares.items()}))


def by_luck(mutants: list[Mutant], seed: int) -> list[Mutant]:
    return sorted(mutants, key=lambda one: hashlib.sha256(f"{seed} {one.key}".encode()).digest())


def quotas(places: dict[str, int], how_many: int, least: int = 2) -> dict[str, int]:
    """How many mutants of each file, by largest remainders."""
    shares = {file: min(least, places[file]) for file in places}
    left = max(how_many - sum(shares.values()), 0)
    more = {file: left * places[file] / sum(places.values()) for file in places}
    for file in places:
        shares[file] = min(shares[file] + int(more[file]), places[file])
    by_remainder = sorted(places, key=lambda file: more[file] % 1.0, reverse=True)
    for file in by_remainder:
        if sum(shares.values()) < how_many and shares[file] < places[file]:
            shares[file] += 1
    return shares


def round_about(by_file: dict[str, list[Mutant]]) -> Iterator[Mutant]:
    """One mutant of every file, then another of each, so that a part is a sample of the whole."""
    for turn in range(max(map(len, by_file.values()), default=0)):
        for found in by_file.values():
            if turn < len(found):
                yield found[turn]
