"""The answer in a few short sentences, made from the numbers.

A direction is put into words only where the paired interval leaves out zero. Where it does not,
the sentence says that we cannot tell, and what it would take to tell, if anything would.
"""

import math
from dataclasses import dataclass

from txsim.compare.certainty import what_would_settle
from txsim.economics import YEAR_DAYS
from txsim.events import FOUR_WEEKS
from txsim.formatting import (
    capital,
    counted,
    listed,
    more_or_fewer,
    of_100,
    plain,
)
from txsim.outcomes.families.regular_use import MOST_DAYS, STEM
from txsim.report.view import Change, Design, Level, View

UNCLEAR_SAID = "The difference could be {}."
UNCLEAR_TO_SAY = "The difference could be {}, so we cannot tell."
"""How ranges are told that hold no difference; the lead has said so of staying in care."""


@dataclass(frozen=True)
class Answer:
    """What a planner reads first: one line that answers, then the figures behind it."""

    lead: str
    rest: list[str]


def answer(view: View) -> Answer:
    """Return the answer: staying in care first, then regular use, then what we cannot tell."""
    if len(view.designs) == 1:
        return _alone(view)
    if not view.paired:
        return _unpaired(view)
    paragraphs = (_retention(view), _free_of_regular_use(view), _to_tell(view))
    lead = _lead(view) or _nothing(view)
    told = [paragraph for paragraph in paragraphs if paragraph]
    return Answer(lead, [*told, *_other_people(view)] if view.apart else told)


def _nothing(view: View) -> str:
    """Say why there is no answer: nobody who asked is told of, or not for long enough."""
    if view.level(view.first, "people_asked") is None:
        return "Too few people stand behind these designs to tell anything of them."
    return "People were followed for too few days to say who stays in care."


def title(view: View) -> str:
    """Return the heading of the page: which designs are held against each other."""
    names = [design.label for design in view.designs]
    if len(names) == 1:
        return names[0]
    return f"{names[0]} against {listed(names[1:])}"


def free_of_regular_use(view: View) -> str:
    """Name of the headline outcome of relapse at the horizon."""
    return f"{STEM}_{view.horizon[0]}"


def free(view: View) -> str:
    """Return the words for being free of regular use, for the substances of these people."""
    return "free of regular use" if view.opioids else "free of regular heavy drinking"


def what_free_means(view: View) -> str:
    """Return what being free of regular use is, for the substances of these people."""
    did = "drank heavily" if view.alcohol else "used"
    if view.alcohol and view.opioids:
        did = "used, or where they came for alcohol drank heavily,"
    return f"they {did} on at most {MOST_DAYS} of the last {FOUR_WEEKS} days"


def span(level: Level) -> str:
    """Return a level's interval in people of 100: ``between 48 and 61``."""
    if math.isnan(level.low) or math.isnan(level.high):
        return "too few simulated years for a range"
    decimals = 1 if 100 * (level.high - level.low) < 2 else 0
    return f"between {plain(100 * level.low, decimals)} and {plain(100 * level.high, decimals)}"


def change_in_people(change: Change) -> str:
    """Return a difference's interval in people of 100: ``3 to 8 more``."""
    return more_or_fewer(100 * change.low, 100 * change.high)


def _alone(view: View) -> Answer:
    design = view.first
    later = f"{view.horizon[1]} later"
    retained = view.level(design, view.retained)
    is_free = view.level(design, free_of_regular_use(view))
    lead, ranges = [], []
    if retained is not None:
        lead.append(f"about {of_100(retained.mean)} are still in care {later}")
        ranges.append(f"Still in care: {span(retained)} of 100.")
    if is_free is not None:
        lead.append(f"about {of_100(is_free.mean)} are alive and {free(view)}")
        ranges.append(
            f"{capital(free(view))}: {span(is_free)} of 100, meaning that {what_free_means(view)}."
        )
    told = f"Of 100 people who ask for help, {listed(lead)}." if lead else _nothing(view)
    rest = (" ".join(ranges), _heavy_drinking(view, design), _getting_in(view, design))
    return Answer(told, [paragraph for paragraph in rest if paragraph])


def _heavy_drinking(view: View, design: Design) -> str:
    """Say how many days of a year people who came for alcohol drink heavily."""
    heavy = view.level(design, "heavy_drinking_days")
    if heavy is None:
        return ""
    who = "People who came for alcohol" if view.opioids else "They"
    return (
        f"{who} drink heavily on about {of_100(heavy.mean)} of 100 days ({span(heavy)}): a year "
        f"has about {plain(YEAR_DAYS * (1.0 - heavy.mean))} days without heavy drinking."
    )


def _getting_in(view: View, design: Design) -> str:
    """Say how many of a single design's people get in, how long they wait, and who is lost."""
    served, lost, elsewhere = (
        view.level(design, f"share_{stem}") for stem in ("served", "lost_waiting", "went_elsewhere")
    )
    mean, median = (view.level(design, f"{name}wait_to_admission") for name in ("", "median_"))
    sentences = []
    if served is not None:
        sentences.append(f"About {of_100(served.mean)} of 100 are admitted ({span(served)}).")
    if mean is not None and median is not None:
        sentences.append(
            f"They wait {counted(round(mean.mean), 'day')} on average, and half of them "
            f"{counted(round(median.mean), 'day')} or less."
        )
    if lost is not None:
        sentences.append(f"About {of_100(lost.mean)} are lost while they wait ({span(lost)}).")
    if elsewhere is not None and elsewhere.mean > 0.0:
        sentences.append(
            f"About {of_100(elsewhere.mean)} begin treatment in another clinic instead "
            f"({span(elsewhere)})."
        )
    return " ".join(sentences)


def _unpaired(view: View) -> Answer:
    who, *figures = _other_people(view)
    return Answer(who, figures)


def _other_people(view: View) -> list[str]:
    """Say under which designs other people ask, in what they differ, and their figures."""
    whose: dict[str, list[str]] = {}
    for design in view.apart:
        differs = view.who_differs(design)
        words = f"{listed(list(differs))} {'differs' if len(differs) == 1 else 'differ'}"
        whose.setdefault(words, []).append(design.label)
    first = view.first.label
    parts = [f"under {listed(names)} ({words})" for words, names in whose.items()]
    sentences = [
        f"Other people ask {listed(parts)} than under {first}. Their figures stand side by side; "
        "what they differ by is partly a difference between people."
    ]
    later = f"{view.horizon[1]} later"
    means = f"; {what_free_means(view)}"
    for outcome, words, more in (
        (view.retained, f"are still in care {later}", ""),
        (free_of_regular_use(view), f"are then alive and {free(view)}", means),
    ):
        found = [
            (design, level)
            for design in (view.first, *view.apart)
            if (level := view.level(design, outcome)) is not None
        ]
        parts = [f"{of_100(level.mean)} under {one.label} ({span(level)})" for one, level in found]
        if parts:
            sentences.append(
                f"Of 100 people who ask for help, {listed(parts)} {words}{more}."
                f"{_beside(view, outcome)}"
            )
    return sentences


def _beside(view: View, outcome: str) -> str:
    """Say by how much the expected figures of different people differ."""
    parts = [
        f"{change_in_people(change)} under {design.label}"
        for design in view.apart
        if (change := view.beside(design, outcome)) is not None and math.isfinite(change.low)
    ]
    if not parts:
        return ""
    return f" Where other people ask, that is {listed(parts)} than under {view.first.label}."


def _lead(view: View) -> str:
    """Say who keeps more, who keeps fewer, and who cannot be told, with no figures."""
    kinds: dict[str, list[str]] = {"more": [], "fewer": [], "unclear": [], "same": []}
    for design in view.in_order:
        change = view.change(design, view.retained)
        if change is not None:
            kind = "more" if change.mean > 0 else "fewer"
            kinds[kind if change.clear else "same" if change.same else "unclear"].append(
                design.label
            )
    sentences: list[str] = []
    for kind, opening, compared, last in (
        ("more", "More", "than", "and"),
        ("fewer", "Fewer", "than", "and"),
        ("same", "Exactly as many", "as", "and"),
        ("unclear", "We cannot tell whether more", "than", "or"),
    ):
        if kinds[kind]:
            # Said in full once; after that it is clear what is spoken of.
            stay = "stay" if sentences else "people stay in care"
            first = "" if sentences else f" {compared} under {view.first.label}"
            sentences.append(f"{opening} {stay} under {listed(kinds[kind], last)}{first}.")
    return " ".join(sentences)


def _retention(view: View) -> str:
    base = view.level(view.first, view.retained)
    if base is None:
        return ""
    sentences = [
        f"Of 100 people who ask for help, about {of_100(base.mean)} are still in care "
        f"{view.horizon[1]} later under {view.first.label}.",
        *_differences(view, view.retained, UNCLEAR_SAID),
    ]
    return " ".join(sentences)


def _free_of_regular_use(view: View) -> str:
    outcome = free_of_regular_use(view)
    base = view.level(view.first, outcome)
    if base is None:
        return ""
    sentences = [
        f"About {of_100(base.mean)} of the same 100 are then alive and {free(view)} under "
        f"{view.first.label}: {what_free_means(view)}.",
        *_differences(view, outcome, UNCLEAR_TO_SAY),
    ]
    return " ".join(sentences)


def _differences(view: View, outcome: str, unclear_words: str) -> list[str]:
    """Say what each design makes of a figure: those that clearly differ first.

    ``unclear_words`` tell the ranges of those that cannot be told.
    """
    sentences, unclear, same = [], [], []
    for design in view.in_order:
        change = view.change(design, outcome)
        if change is None:
            continue
        if change.clear:
            level = view.level(design, outcome)
            number = "" if level is None else f"about {of_100(level.mean)}, "
            sentences.append(
                f"Under {design.label} it is {number}{change.certainty} {change_in_people(change)}."
            )
        elif change.same:
            same.append(design.label)
        else:
            unclear.append((design.label, change))
    sentences += _the_first_two(view, outcome)
    sentences += _unclear(unclear, unclear_words)
    if same:
        sentences.append(f"It is exactly the same under {listed(same)}.")
    return sentences


def _unclear(found: list[tuple[str, Change]], words: str) -> list[str]:
    """Say between what the differences lie that cannot be told from none."""
    unknown = [label for label, change in found if not math.isfinite(change.low)]
    ranges: dict[str, list[str]] = {}
    for label, change in found:
        if math.isfinite(change.low):
            ranges.setdefault(change_in_people(change), []).append(label)
    parts = [f"{between} under {listed(names)}" for between, names in ranges.items()]
    sentences = [words.format(listed(parts))] if parts else []
    if unknown:
        sentences.append(f"We cannot tell for {listed(unknown, 'or')}.")
    return sentences


def _the_first_two(view: View, outcome: str) -> list[str]:
    """Say whether the design with most can be told from the next, where two have more."""
    better = [
        design
        for design in view.in_order
        if (change := view.change(design, outcome)) is not None and change.clear and change.mean > 0
    ]
    if len(better) < 2:
        return []
    most, next_most = better[:2]
    change = view.between(most, next_most, outcome)
    if change is None:
        return []
    if not change.clear:
        return [f"Whether it is more under {most.label} or {next_most.label} we cannot tell."]
    share = max(change.better_in, 1.0 - change.better_in)
    return [
        f"It is more under {most.label} than under {next_most.label} in {plain(100 * share)} of "
        f"100 simulated worlds ({change_in_people(change)})."
    ]


def _to_tell(view: View) -> str:
    """Say what would tell designs apart on staying in care, if anything would."""
    unclear = [
        (design.label, change.to_settle)
        for design in view.others
        if (change := view.change(design, view.retained)) is not None
        and not change.clear
        and not change.same
    ]
    return " ".join(what_would_settle(unclear, view.replications))
