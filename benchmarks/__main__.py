"""`python -m benchmarks`: what can be measured, and measuring it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from benchmarks.record import Section, command_given, machine, tell, write
from benchmarks.timing import Failed

DEFAULT = "ratio"


def ratio(chosen: argparse.Namespace) -> Section:
    """How many times faster txsim is than idiomatic Mesa (what runs without a command)."""
    from benchmarks.measure import ratio

    return ratio(chosen.people, chosen.days, chosen.replications, chosen.rounds, chosen.mesa)


def large(chosen: argparse.Namespace) -> Section:
    """One run on very many people: time, memory, and the ratio over a few days."""
    from benchmarks.measure import large

    return large(chosen.people, chosen.days, chosen.mesa_days)


def agree(chosen: argparse.Namespace) -> Section:
    """Whether txsim and idiomatic Mesa say the same: outcome means in standard errors."""
    from benchmarks.agree import agree

    return agree(
        chosen.design,
        chosen.people,
        chosen.days,
        chosen.replications,
        chosen.cheap,
        chosen.seed,
    )


def page(chosen: argparse.Namespace) -> Section:
    """Whether txsim does what docs/model.md says: beside the model rebuilt from that page alone."""
    from benchmarks.page import page

    return page(chosen.replications, chosen.seed)


def compare(chosen: argparse.Namespace) -> Section:
    """txsim compare of three shipped designs with its report, cold and warm."""
    from benchmarks.planner import compare

    return compare(
        chosen.people,
        chosen.days,
        chosen.replications,
        chosen.workers,
        chosen.repeats,
        chosen.as_shipped,
    )


def start(chosen: argparse.Namespace) -> Section:
    """txsim --help and txsim check."""
    from benchmarks.planner import start

    return start(chosen.times)


def cache(chosen: argparse.Namespace) -> Section:
    """Compiling the rules, and loading them in later processes."""
    from benchmarks.planner import cache

    return cache(chosen.times)


def memory(chosen: argparse.Namespace) -> Section:
    """Resident memory over many runs in one process."""
    from benchmarks.planner import memory

    return memory(chosen.runs, chosen.every, chosen.people, chosen.days)


def earlier(chosen: argparse.Namespace) -> Section:
    """This commit beside an earlier one that is checked out in another folder."""
    from benchmarks.earlier import earlier

    return earlier(chosen.folder, chosen.rounds)


Number = tuple[str, int, str]
PEOPLE: Number = ("people", 300, "people of the cohort")
DAYS: Number = ("days", 365, "days simulated")

COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], Section], tuple[Number, ...]]] = {
    "ratio": (
        ratio,
        (
            PEOPLE,
            DAYS,
            ("replications", 200, "replications of txsim over all rounds"),
            ("rounds", 10, "rounds; with 1, all replications are one call between Mesa runs"),
            ("mesa", 2, "runs of Mesa in a round, half before and half after txsim"),
        ),
    ),
    "large": (
        large,
        (
            ("people", 100_000, "people of the cohort"),
            DAYS,
            ("mesa-days", 20, "days for which both models are run to confirm the ratio"),
        ),
    ),
    "agree": (
        agree,
        (
            PEOPLE,
            DAYS,
            ("replications", 40, "runs of Mesa"),
            ("cheap", 6, "runs of txsim for each run of Mesa"),
            ("seed", 1, "another number, other luck"),
        ),
    ),
    "page": (
        page,
        (
            ("replications", 200, "runs of 400 people, of each"),
            ("seed", 1, "another number, other luck"),
        ),
    ),
    "compare": (
        compare,
        (
            PEOPLE,
            DAYS,
            ("replications", 50, "replications of each design"),
            ("workers", 2, "processes"),
            ("repeats", 3, "warm runs, of which the median is told"),
        ),
    ),
    "start": (start, (("times", 12, "times each command is started"),)),
    "cache": (cache, (("times", 5, "processes that load the compiled rules"),)),
    "earlier": (earlier, (("rounds", 20, "runs of each commit and size, in turns"),)),
    "memory": (
        memory,
        (
            ("runs", 2000, "runs in one process"),
            ("every", 100, "runs between two looks at the memory"),
            PEOPLE,
            DAYS,
        ),
    ),
}


def at_least_one(text: str) -> int:
    """A whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1 (got {number})")
    return number


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    whole = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure txsim; each command prints a table. Without a command: ratio.",
        epilog="Options of a command: python -m benchmarks COMMAND --help",
    )
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (action, numbers) in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=action.__doc__,
            description=action.__doc__,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        for option, usual, what in numbers:
            one.add_argument(
                f"--{option}", type=at_least_one, default=usual, metavar="N", help=what
            )
        if name == "agree":
            one.add_argument(
                "--design",
                metavar="NAME",
                help="a shipped design or a file, as a cohort, instead of the frozen scenario",
            )
        if name == "earlier":
            one.add_argument("folder", metavar="FOLDER", help="the earlier commit, checked out")
        if name == "compare":
            one.add_argument(
                "--as-shipped",
                action="store_true",
                help="designs as shipped (people ask all year, two years simulated), not a cohort",
            )
        one.add_argument(
            "--write", action="store_true", help="keep it in results.json and results.md"
        )
    return whole


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 when it cannot be measured or the models disagree."""
    given = list(arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, DEFAULT)
    chosen = parser().parse_args(given)
    action, _ = COMMANDS[chosen.command]
    where = machine()
    try:
        section = action(chosen)
    except Failed as reason:
        print(reason, file=sys.stderr)
        return 1
    tell(section)
    if chosen.write:
        command = [one for one in given if one != "--write"]
        write(section, where, command_given(command))
    return 1 if section.figures.get("disagrees") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
