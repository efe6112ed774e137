"""The answer in a few short sentences, made from the numbers.

Verdicts are those of `compare.verdicts`: a direction is told with its word of certainty, a
difference too small to matter as such, and where nothing can be told yet the sentence says what it
would take, if anything would.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from txsim.compare.margins import DAYS_OF_A_WAIT, OF_A_SHARE, OF_A_WAIT, OF_AN_AMOUNT
from txsim.compare.verdicts import CERTAINTY, ENOUGH_WITHIN, what_would_settle
from txsim.economics import YEAR_DAYS
from txsim.formatting import capital, counted, listed, of_100, plain
from txsim.report.sections.money import price
from txsim.report.view import Change, Design, View, called

UNCLEAR_SAID = "The difference could be {}."
UNCLEAR_TO_SAY = "The difference could be {}, so we cannot tell yet."
"""How ranges are told that hold no difference; the lead has said so of staying in care."""


@dataclass(frozen=True)
class Answer:
    """What a planner reads first: one line that answers, then the figures behind it."""

    lead: str
    rest: list[str]


def show(view: View) -> Mapping[str, object]:
    """Return the answer, what it costs, what to know before it is used, and what it rests on."""
    said = answer(view)
    return {
        "lead": said.lead,
        "rest": said.rest,
        "price": price(view),
        "notes": view.comparison.notes,
        "words": meaning_of_the_words() if view.paired else [],
        "basis": basis(view),
    }


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


def _alone(view: View) -> Answer:
    design = view.first
    later = f"{view.horizon[1]} later"
    retained = view.level(design, view.retained)
    is_free = view.level(design, view.free_of_regular_use)
    lead, ranges = [], []
    if retained is not None:
        lead.append(f"about {of_100(retained.mean)} are still in care {later}")
        ranges.append(f"Still in care: {retained.span} of 100.")
    if is_free is not None:
        lead.append(f"about {of_100(is_free.mean)} are alive and {view.free}")
        ranges.append(
            f"{capital(view.free)}: {is_free.span} of 100, meaning that {view.what_free_means}."
        )
    told = f"Of 100 people who ask for treatment, {listed(lead)}." if lead else _nothing(view)
    rest = (" ".join(ranges), _heavy_drinking(view, design), _getting_in(view, design))
    return Answer(told, [paragraph for paragraph in rest if paragraph])


def _heavy_drinking(view: View, design: Design) -> str:
    """Say how many days of a year people who came for alcohol drink heavily."""
    heavy = view.level(design, "heavy_drinking_days")
    if heavy is None:
        return ""
    who = "People who came for alcohol" if view.opioids else "They"
    return (
        f"{who} drink heavily on about {of_100(heavy.mean)} of 100 days ({heavy.span}): a year "
        f"has about {plain(YEAR_DAYS * (1.0 - heavy.mean))} days without heavy drinking."
    )


def _getting_in(view: View, design: Design) -> str:
    """Say how many of a single design's people get in, how long they wait, and who gives up."""
    served, left, missed, elsewhere = (
        view.level(design, f"share_{stem}")
        for stem in ("served", "left_list", "missed_intake", "went_elsewhere")
    )
    mean, median = (view.level(design, f"{name}wait_to_admission") for name in ("", "median_"))
    sentences = []
    if served is not None:
        sentences.append(f"About {of_100(served.mean)} of 100 are admitted ({served.span}).")
    if mean is not None and median is not None:
        sentences.append(
            f"They wait {counted(round(mean.mean), 'day')} on average, and half of them "
            f"{counted(round(median.mean), 'day')} or less."
        )
    if left is not None and missed is not None:
        sentences.append(
            f"About {of_100(left.mean)} leave the waiting list ({left.span}) and about "
            f"{of_100(missed.mean)} miss the intake appointment ({missed.span})."
        )
    if elsewhere is not None and elsewhere.mean > 0.0:
        sentences.append(
            f"About {of_100(elsewhere.mean)} begin treatment in another clinic instead "
            f"({elsewhere.span})."
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
    means = f"; {view.what_free_means}"
    for outcome, words, more in (
        (view.retained, f"are still in care {later}", ""),
        (view.free_of_regular_use, f"are then alive and {view.free}", means),
    ):
        found = [
            (design, level)
            for design in (view.first, *view.apart)
            if (level := view.level(design, outcome)) is not None
        ]
        parts = [f"{of_100(level.mean)} under {one.label} ({level.span})" for one, level in found]
        if parts:
            sentences.append(
                f"Of 100 people who ask for treatment, {listed(parts)} {words}{more}."
                f"{_beside(view, outcome)}"
            )
    return sentences


def _beside(view: View, outcome: str) -> str:
    """Say by how much the expected figures of different people differ."""
    parts = [
        f"{change.in_people} under {design.label}"
        for design in view.apart
        if (change := view.beside(design, outcome)) is not None and math.isfinite(change.low)
    ]
    if not parts:
        return ""
    return f" Where other people ask, that is {listed(parts)} than under {view.first.label}."


def _lead(view: View) -> str:
    """Say which designs keep more, which keep fewer and which are unclear, without figures."""
    found = view.verdicts_on(view.retained)
    alike = [one for one, _ in found.alike]
    sentences: list[str] = []
    directed = [
        (
            f"It is {word} that {'more' if more else 'fewer'}",
            "than",
            "and",
            [one for one, change in found.directed if (change.certainty, change.is_more) == which],
        )
        for more in (True, False)
        for _, word in CERTAINTY
        if (which := (word, more))
    ]
    for opening, compared, last, designs in (
        *directed,
        ("About as many", "as", "and", alike),
        ("Exactly as many", "as", "and", found.same),
        ("We cannot tell yet whether more", "than", "or", [one for one, _ in found.unclear]),
    ):
        if designs:
            # Said in full once; after that it is clear what is spoken of.
            stay = "stay" if sentences else "people stay in care"
            first = "" if sentences else f" {compared} under {view.first.label}"
            names = called(designs, last)
            sentences.append(f"{opening} {stay} under {names}{first}.")
    return " ".join(sentences)


def _retention(view: View) -> str:
    base = view.level(view.first, view.retained)
    if base is None:
        return ""
    sentences = [
        f"Of 100 people who ask for treatment, about {of_100(base.mean)} are still in care "
        f"{view.horizon[1]} later under {view.first.label}.",
        *_differences(view, view.retained, UNCLEAR_SAID),
    ]
    return " ".join(sentences)


def _free_of_regular_use(view: View) -> str:
    outcome = view.free_of_regular_use
    base = view.level(view.first, outcome)
    if base is None:
        return ""
    sentences = [
        f"About {of_100(base.mean)} of the same 100 are then alive and {view.free} under "
        f"{view.first.label}: {view.what_free_means}.",
        *_differences(view, outcome, UNCLEAR_TO_SAY),
    ]
    return " ".join(sentences)


def _differences(view: View, outcome: str, unclear_words: str) -> list[str]:
    """Say what each design makes of a figure: those that clearly differ first.

    ``unclear_words`` tell the ranges of unclear differences.
    """
    found = view.verdicts_on(outcome)
    sentences = []
    for design, change in found.directed:
        level = view.level(design, outcome)
        number = "" if level is None else f"about {of_100(level.mean)}, "
        more_or_fewer = "more" if change.is_more else "fewer"
        to_be = "to be " if change.certainty == CERTAINTY[0][1] else ""
        sentences.append(
            f"Under {design.label} it is {number}{change.certainty} {to_be}{more_or_fewer}: "
            f"{change.middle} ({change.in_people}){change.too_small}."
        )
    for design, change in found.alike:
        sentences.append(
            f"Under {design.label} there is no difference that matters ({change.in_people})."
        )
    more = [design for design, change in found.directed if change.is_more]
    sentences += _the_first_two(view, outcome, more)
    sentences += _unclear(found.unclear, unclear_words)
    if found.same:
        same = called(found.same)
        sentences.append(f"It is exactly the same under {same}.")
    return sentences


def _unclear(found: Sequence[tuple[Design, Change]], words: str) -> list[str]:
    """Say within which ranges the unclear differences lie."""
    unknown = [design.label for design, change in found if not math.isfinite(change.low)]
    ranges: dict[str, list[str]] = {}
    for design, change in found:
        if math.isfinite(change.low):
            ranges.setdefault(change.in_people, []).append(design.label)
    parts = [f"{between} under {listed(names)}" for between, names in ranges.items()]
    sentences = [words.format(listed(parts))] if parts else []
    if unknown:
        sentences.append(f"We cannot tell yet for {listed(unknown, 'or')}.")
    return sentences


def _the_first_two(view: View, outcome: str, more: Sequence[Design]) -> list[str]:
    """Say whether the design with most differs from the next, where two have more."""
    if len(more) < 2:
        return []
    most, next_most = more[:2]
    change = view.between(most, next_most, outcome)
    if change is None:
        return []
    if change.alike or change.same:
        return [f"Between {most.label} and {next_most.label} there is no difference that matters."]
    if not change.directed:
        return [f"Whether it is more under {most.label} or {next_most.label} we cannot tell yet."]
    if not change.is_more:
        most, next_most = next_most, most
    share = max(change.higher_in, 1.0 - change.higher_in)
    return [
        f"It is more under {most.label} than under {next_most.label} in {plain(100 * share)} of "
        f"100 parameter sets ({change.in_people})."
    ]


def _to_tell(view: View) -> str:
    """Say what would settle which design keeps more people in care, if anything would."""
    unclear = [
        (design.label, change.to_settle)
        for design, change in view.verdicts_on(view.retained).unclear
    ]
    return " ".join(what_would_settle(unclear, view.replications))


def meaning_of_the_words() -> list[tuple[str, str]]:
    """Return each word of certainty with the numbers it stands for."""
    said = []
    above = 1.0
    for least, word in CERTAINTY:
        numbers = (
            f"in more than {plain(100 * least)} of 100 parameter sets the difference goes this way"
            if above == 1.0
            else f"in {plain(100 * least)} to {plain(100 * above)} of 100"
        )
        said.append((word, numbers))
        above = least
    said.append(("cannot tell yet", "either way is about as likely as the other"))
    said.append(
        (
            "no difference that matters",
            f"in at least {plain(100 * ENOUGH_WITHIN)} of 100 it is smaller than the margin: "
            f"{plain(100 * OF_A_SHARE)} of 100 people, {plain(100 * OF_A_WAIT)} of 100 of a wait "
            f"or {plain(DAYS_OF_A_WAIT)} days, {plain(100 * OF_AN_AMOUNT)} of 100 of other amounts "
            "or one unit, unless the scenario says otherwise",
        )
    )
    said.append(
        (
            "3 to 8 more",
            "if the model is right, the expected difference lies in this range 9 times in 10 "
            "(single runs vary more)",
        )
    )
    return said


def basis(view: View) -> str:
    """Return what the figures were computed from: runs, people, parameter sets."""
    runs = counted(view.replications, "run")
    same = ", with the same people and the same random numbers under each" if view.paired else ""
    if view.paired and view.apart:
        same += f" but {called(view.apart)}"
    sentence = f"{runs}{' of each design' if view.others else ''}{same}."
    if view.draws > 1:
        sentence += (
            f" They are spread over {counted(view.draws, 'parameter set')}, drawn from what the "
            "evidence leaves open: the size of effects, and how much this clinic's people leave "
            "care and use. Levels are means over them; where a few are far above the others, as "
            "with overdoses, so is the mean, and the tables have the middle one beside it."
        )
    return sentence
