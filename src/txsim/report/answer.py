"""The answer in a few sentences, made from the numbers.

A direction is put into words only where the paired interval leaves out zero. Where it does not,
the sentence says that we cannot tell, and what it would take to tell, if anything would.
"""

import math

from txsim.report.numbers import (
    counted,
    listed,
    money,
    more_or_fewer,
    of_100,
    plain,
)
from txsim.report.reading import CERTAINTY, Change, Design, Level, Reading

COST_A_YEAR = "cost_per_year"


def answer(reading: Reading) -> list[str]:
    """Return the answer: staying in care first, then relapse, then what we cannot tell."""
    if len(reading.designs) == 1:
        return _alone(reading)
    if not reading.paired:
        return _unpaired(reading)
    return [
        sentence
        for sentence in (
            _retention(reading),
            _cannot_tell(reading),
            _relapse(reading),
        )
        if sentence
    ]


def title(reading: Reading) -> str:
    """Return the heading of the page: which designs are held against each other."""
    names = [design.label for design in reading.designs]
    if len(names) == 1:
        return names[0]
    return f"{names[0]} against {listed(names[1:])}"


def within(reading: Reading) -> str:
    """Return the headline horizon as the end of a sentence: ``a year later``."""
    return f"{reading.horizon[1]} later"


def _alone(reading: Reading) -> list[str]:
    design = reading.first
    retained = reading.level(design, reading.retained)
    free = reading.level(design, relapse_free(reading))
    lost = reading.level(design, "share_lost_waiting")
    sentences = []
    if retained is not None:
        sentences.append(
            f"Of 100 people who ask for help, about {of_100(retained.mean)} are still in care "
            f"{within(reading)} under {design.label} ({span(retained)})."
        )
    if free is not None:
        sentences.append(
            f"About {of_100(free.mean)} of the same 100 are alive and free of relapse by then "
            f"({span(free)})."
        )
    if lost is not None:
        sentences.append(
            f"About {of_100(lost.mean)} of the 100 are lost while they wait for a place "
            f"({span(lost)})."
        )
    return sentences


def _unpaired(reading: Reading) -> list[str]:
    sentences = []
    for outcome, words in (
        (reading.retained, f"are still in care {within(reading)}"),
        (relapse_free(reading), "are alive and free of relapse by then"),
    ):
        found = [(design, reading.level(design, outcome)) for design in reading.designs]
        parts = [
            f"{of_100(level.mean)} under {design.label} ({span(level)})"
            for design, level in found
            if level is not None
        ]
        if parts:
            sentences.append(f"Of 100 people who ask for help, {listed(parts)} {words}.")
    sentences.append(
        "These designs serve different people, so the figures stand side by side and none of "
        "them is a difference that a design makes."
    )
    return sentences


def relapse_free(reading: Reading) -> str:
    """Name of the headline outcome of relapse at the horizon."""
    return f"relapse_free_{reading.horizon[0]}"


def span(level: Level) -> str:
    """Return a level's interval in people of 100: ``between 48 and 61``."""
    if math.isnan(level.low) or math.isnan(level.high):
        return "too few simulated years for a range"
    decimals = 1 if 100 * (level.high - level.low) < 2 else 0
    return f"between {plain(100 * level.low, decimals)} and {plain(100 * level.high, decimals)}"


def change_in_people(change: Change) -> str:
    """Return a difference's interval in people of 100: ``3 to 8 more``."""
    return more_or_fewer(100 * change.low, 100 * change.high)


def _retention(reading: Reading) -> str:
    outcome = reading.retained
    base = reading.level(reading.first, outcome)
    if base is None:
        return ""
    clear = _clear(reading, outcome)
    start = (
        f"Of 100 people who ask for help, about {of_100(base.mean)} are still in care "
        f"{within(reading)} under {reading.first.label}"
    )
    if not clear:
        same = [design.label for design in reading.others if _same(reading, design, outcome)]
        if len(same) == len(reading.others):
            return f"{start}, and exactly as many under {listed(same)}."
        return f"{start}."
    told = f"{start}; {listed([_against_first(reading, pair, outcome) for pair in clear])}."
    return f"{told} {_the_first_two(reading, clear, outcome)}".rstrip()


def _the_first_two(reading: Reading, clear: list[tuple[Design, Change]], outcome: str) -> str:
    """Say whether the design that keeps most can be told from the next, where two keep more."""
    better = [design for design, change in clear if change.mean > 0]
    if len(better) < 2:
        return ""
    most, next_most = better[:2]
    change = reading.between(most, next_most, outcome)
    if change is None:
        return ""
    if not change.clear:
        return f"Which of {most.label} and {next_most.label} keeps more we cannot tell."
    return (
        f"{most.label} keeps more than {next_most.label} in {plain(100 * change.better_in)} of "
        f"100 sets of what is not known ({change_in_people(change)})."
    )


def _relapse(reading: Reading) -> str:
    outcome = relapse_free(reading)
    base = reading.level(reading.first, outcome)
    if base is None:
        return ""
    clear = _clear(reading, outcome)
    unclear = [
        design.label
        for design in reading.others
        if (change := reading.change(design, outcome)) is not None
        and not change.clear
        and not change.same
    ]
    sentence = (
        f"About {of_100(base.mean)} of the same 100 are alive and free of relapse by then "
        f"under {reading.first.label}"
    )
    if clear:
        parts = [_against_first(reading, pair, outcome) for pair in clear]
        sentence += f"; {listed(parts)}"
    if unclear:
        sentence += f"; for {listed(unclear)} we cannot tell"
    return f"{sentence}."


def _against_first(reading: Reading, pair: tuple[Design, Change], outcome: str) -> str:
    design, change = pair
    level = reading.level(design, outcome)
    number = "" if level is None else f"about {of_100(level.mean)} "
    return f"{number}under {design.label} ({change.certainty} {change_in_people(change)})"


def _clear(reading: Reading, outcome: str) -> list[tuple[Design, Change]]:
    found = []
    for design in reading.in_order:
        change = reading.change(design, outcome)
        if change is not None and change.clear:
            found.append((design, change))
    return found


def _same(reading: Reading, design: Design, outcome: str) -> bool:
    change = reading.change(design, outcome)
    return change is not None and change.same


def _cannot_tell(reading: Reading) -> str:
    """Say which designs cannot be told from the first on staying in care, and what would do."""
    sentences = []
    groups: dict[str, list[str]] = {}
    for design in reading.others:
        change = reading.change(design, reading.retained)
        if change is not None and not change.clear and not change.same:
            remedy = what_would_settle(change, reading.replications)
            known = math.isfinite(change.low)
            groups.setdefault(remedy, []).append(
                f"{design.label} ({change_in_people(change)})" if known else design.label
            )
    for remedy, names in groups.items():
        them = "it" if len(names) == 1 else "them"
        sentences.append(
            f"Whether more people stay under {listed(names, 'or')} than under "
            f"{reading.first.label} we cannot tell: {remedy.replace('IT', them)}."
        )
    return " ".join(sentences)


def what_would_settle(change: Change, replications: int) -> str:
    """Return what it would take to tell a difference from none, if anything would."""
    if math.isnan(change.to_settle) or math.isinf(change.to_settle):
        return (
            "no number of further simulated years would settle IT, because what is known about "
            "the effects is itself too thin"
        )
    further = max(1, math.ceil(change.to_settle) - replications)
    return f"about {counted(_round_up(further), 'more simulated year')} of each would settle IT"


def _round_up(number: int) -> int:
    """Round a count up to one or two figures, so that it does not feign precision."""
    if number <= 20:
        return number
    unit = 10 ** (len(str(number)) - 2)
    return int(math.ceil(number / unit) * unit)


def price(reading: Reading) -> str:
    """Return what the designs cost a year, in one sentence."""
    base = reading.level(reading.first, COST_A_YEAR)
    if base is None:
        return ""
    currency = reading.currency
    start = f"{reading.first.label} costs about {money(base.mean, currency)} a year"
    parts = []
    for design in reading.others:
        level = reading.level(design, COST_A_YEAR)
        if level is not None:
            gap = level.mean - base.mean
            size = money(abs(gap), currency)
            share = abs(gap) / base.mean if base.mean else math.nan
            if share < 0.001:
                parts.append(f"{design.label} as much")
            else:
                parts.append(f"{design.label} {size} {'more' if gap > 0 else 'less'}")
    return f"{start}; {listed(parts)}." if parts else f"{start}."


def meaning_of_the_words(reading: Reading) -> list[tuple[str, str]]:
    """Return each word of certainty with the numbers it stands for."""
    said = []
    above = 1.0
    for least, word in CERTAINTY:
        numbers = (
            f"in at least {plain(100 * least)} of 100 sets of what is not known the difference "
            "goes this way"
            if above == 1.0
            else f"in {plain(100 * least)} to {plain(100 * above)} of 100"
            if least > 0
            else f"in fewer than {plain(100 * above)} of 100"
        )
        said.append((word, numbers))
        above = least
    said.append(("cannot tell", "no difference at all lies within the range"))
    said.append(
        (
            "3 to 8 more",
            "if the model is right, the expected difference lies in this range 9 times in 10 "
            "(single years vary more)",
        )
    )
    return said


def basis(reading: Reading) -> str:
    """Return what the figures were computed from: years, people, sets of unknowns."""
    years = counted(reading.replications, "simulated year")
    same = ", the same people and the same luck under each" if reading.paired else ""
    spread = (
        f", spread over {counted(reading.draws, 'set')} of what is not known "
        "(the size of effects, and how hard this clinic's people are to keep)"
        if reading.draws > 1
        else ""
    )
    return f"{years} of each design{same}{spread}."
