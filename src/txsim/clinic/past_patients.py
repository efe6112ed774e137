"""Who was here before: people who left, or gave up waiting, before the clinic opens in the model.

A clinic that has been open for years is asked not only by people who come for the first time. Those
who left care and those who were lost from the list ask again for some years
(`asks_again_years`), and some of them wait on the opening day. How many there are follows from the
model's own rates: of first requests, of leaving the opening caseload, of walking away, of coming to
intake and of asking again, in the one state in which as many are admitted as leave. That state is
found by looking for the rate at which people who wait are offered a place: so low in a clinic that
is asked by more than it can hold that its list balances by people giving up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Any

import numpy as np

from txsim.catalogue.vocabulary import SUBSTANCES, Hazard
from txsim.parameters.tables import Parameters
from txsim.people.population import People
from txsim.randomness import chance_of, decision, joined, uniform
from txsim.rules.waiting import entry_log_odds

Array = np.ndarray[Any, Any]

HOW_MANY = decision("how many were here before")
WHEN_IT_BEGAN = decision("when a past patient first asked, or left")
HOW_LONG_WAITED = decision("how long a past patient has waited")
HOW_LONG_STAYED = decision("how long a past patient stayed")

PAST = 1 << 42
"""Added to the number of somebody who was here before the opening and is not in care."""
NEW, LEFT = 0, 1
"""Whether somebody has never been admitted, or left care."""
WAITS, OUT = 0, 1
"""Whether somebody is on the list at opening, or not."""
FASTEST_OFFER = 1.0
"""Offers a day to somebody who waits where there is always a place: the next day."""
SLOWEST_OFFER = 1e-5
HALVINGS = 60
STEPS = 400
"""Parts of the years looked back on."""
MOST_LOOKED_BACK_ON = 3.0
"""People who were here before, for each who asked in those years or is present. No rates that a
caseload could sustain leave so many; at others the memory would not hold them."""


@dataclass(frozen=True)
class Flow:
    """Daily rates of one substance's people, and their chances at the door."""

    asking: float
    """First requests a day."""
    leaving: float
    """Exits from the opening caseload a day."""
    returning: float
    """Those of them who may ask again: neither transferred nor dead."""
    asks_again: float
    walks_away: float
    elsewhere: float
    """Share of those who stop waiting who begin treatment in another clinic."""
    dies: float
    effects_on_entry: float
    """Log odds."""


@dataclass(frozen=True)
class Past:
    """How many people were here before, by substance, NEW or LEFT, and WAITS or OUT."""

    offers: float
    """Offers a day to somebody who waits."""
    days: float
    """Days that are looked back on."""
    expected: Array
    """Float 2 x 2 x 2: mean numbers."""
    ages: Array
    """Float 2 x 2 x 2 x STEPS: for each, the share by steps of time since it began."""
    ends_of_waiting: Array
    """Float 2: rate a day at which waiting ends, by substance."""


def flows_of(
    parameters: Parameters, asking: float, sample: People, present: People, leaving: Array
) -> list[Flow]:
    """The rates of each substance's people, in the mean over people like those of a sample.

    `asking` is how many ask for the first time a day, `leaving` the rate of leaving of each of
    those present.
    """
    first = int(parameters.scalars[0]["first_barrier"])
    burdens = parameters.effects[first : first + sample.burdens.shape[1]]
    flows = []
    usual = usual_leaving(parameters.medications)
    for s, name in enumerate(SUBSTANCES):
        mine = sample.patients["substance"] == s
        here = present.patients["substance"] == s

        def terms(hazard: Hazard, mine: Array = mine) -> Array:
            felt = sample.features[mine] @ parameters.feature_effects[:, hazard]
            return np.asarray(felt + sample.burdens[mine] @ burdens[:, hazard])

        def rate(hazard: Hazard, s: int = s, mine: Array = mine) -> float:
            ratio = np.exp(terms(hazard)).mean() if mine.any() else 1.0
            return float(np.exp(parameters.base[s, hazard]) * ratio)

        dies = rate(Hazard.OTHER_DEATH) + rate(Hazard.SUICIDE)
        if name == "opioid":
            dies += rate(Hazard.OVERDOSE) * chance_of(float(parameters.base[s, Hazard.FATALITY]))
        left = float(leaving[here].sum())
        transferred = rate(Hazard.TRANSFER) * float(here.sum())
        if name == "opioid":
            # a share of those who leave, told for the usual rate of leaving
            transferred *= float(leaving[here].mean()) / usual if here.any() else 0.0
        flows.append(
            Flow(
                asking=asking * float(mine.mean()),
                leaving=left,
                returning=max(left - transferred - dies * float(here.sum()), 0.0),
                asks_again=rate(Hazard.RETURN_TO_CARE),
                walks_away=rate(Hazard.WALK_AWAY),
                elsewhere=float(parameters.scalars[0]["elsewhere_share"]),
                dies=dies,
                effects_on_entry=float(terms(Hazard.ENTRY).mean()) if mine.any() else 0.0,
            )
        )
    return flows


def usual_leaving(medications: Array) -> float:
    """The daily rate of leaving for which opioid patients' transfers are told."""
    first = medications[medications["substance"] == SUBSTANCES.index("opioid")][0]
    return float(first["phase_marginal"][0] / np.exp(first["phase_other_exits"][0]))


def past_of(flows: list[Flow], days: float, lag: float, parameters: Any) -> Past:
    """The state in which as many people are admitted as leave.

    `days` is how long people may ask again, `lag` the mean days from an offer to the intake.
    """
    if days <= 0.0 or sum(flow.asking + flow.leaving for flow in flows) <= 0.0:
        return NOBODY

    def admitted_beyond_leaving(offers: float) -> float:
        return sum(admissions(flow, offers, days, lag, parameters) - flow.leaving for flow in flows)

    slow, fast = log(SLOWEST_OFFER), log(FASTEST_OFFER)
    if admitted_beyond_leaving(FASTEST_OFFER) > 0.0:
        for _ in range(HALVINGS):
            middle = 0.5 * (slow + fast)
            if admitted_beyond_leaving(exp(middle)) > 0.0:
                fast = middle
            else:
                slow = middle
    offers = exp(fast)
    ages = np.array([spells(flow, offers, days, lag, parameters) for flow in flows])
    begun = np.array([[flow.asking, flow.returning] for flow in flows])
    expected = begun[:, :, None] * ages.sum(axis=3) * (days / STEPS)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(ages > 0.0, ages / ages.sum(axis=3, keepdims=True), 0.0)
    ends = np.array([offers + flow.walks_away for flow in flows])
    return Past(offers, days, expected, shares, ends)


def at_most(past: Past, people: float) -> Past:
    """The same past of no more people than this."""
    in_all = float(past.expected.sum())
    return replace(past, expected=past.expected * (people / in_all)) if in_all > people else past


def comes_to_intake(flow: Flow, offers: float, lag: float, parameters: Any) -> float:
    """Share of the offers that end in an admission, at the mean time since asking."""
    waited = 1.0 / (offers + flow.walks_away)
    return chance_of(entry_log_odds(lag + waited, flow.effects_on_entry, parameters))


def moves(flow: Flow, offers: float, lag: float, parameters: Any) -> Array:
    """Rates a day between waiting (0) and being out (1), by row from which; who goes is missing."""
    comes = comes_to_intake(flow, offers, lag, parameters)
    lost = offers * (1.0 - comes) + flow.walks_away * (1.0 - flow.elsewhere)
    gone = offers * comes + flow.walks_away * flow.elsewhere + flow.dies
    return np.array([[-lost - gone, lost], [flow.asks_again, -flow.asks_again - flow.dies]])


def exponential_of(matrix: Array) -> Array:
    """The exponential of a 2 x 2 matrix of rates, in closed form: quicker than a general one."""
    (a, b), (c, d) = matrix.tolist()
    middle = 0.5 * (a + d)
    spread = sqrt((0.5 * (a - d)) ** 2 + b * c)
    if spread == 0.0:
        return np.asarray(exp(middle) * (np.eye(2) + matrix - middle * np.eye(2)))
    grows, falls = exp(middle + spread), exp(middle - spread)
    about = 0.5 * (grows - falls) / spread
    return np.asarray(0.5 * (grows + falls) * np.eye(2) + about * (matrix - middle * np.eye(2)))


def spells(flow: Flow, offers: float, days: float, lag: float, parameters: Any) -> Array:
    """Float 2 x 2 x STEPS: shares who wait, or are out, of people who began as NEW or LEFT.

    People begin by asking when they are new, and by being out when they leave.
    """
    step = exponential_of(moves(flow, offers, lag, parameters) * (days / STEPS))
    standing = np.eye(2)
    shares = np.empty((2, 2, STEPS))
    for place in range(STEPS):
        after = standing @ step
        # In the middle of the step, nearly enough.
        shares[:, :, place] = 0.5 * (standing + after)
        standing = after
    return shares


def admissions(flow: Flow, offers: float, days: float, lag: float, parameters: Any) -> float:
    """Admissions a day of one substance's people at a rate of offers."""
    rates = moves(flow, offers, lag, parameters)
    spent = np.linalg.solve(rates, exponential_of(rates * days) - np.eye(2))
    comes = comes_to_intake(flow, offers, lag, parameters)
    waiting = flow.asking * spent[0, WAITS] + flow.returning * spent[1, WAITS]
    return float(offers * comes * waiting)


NOBODY = Past(FASTEST_OFFER, 0.0, np.zeros((0, 2, 2)), np.zeros((0, 2, 2, STEPS)), np.ones(0))
"""No past at all."""


@dataclass(frozen=True)
class PastPeople:
    """Whom the past leaves: one entry a person."""

    numbers: Array
    """Int: the person's number."""
    substance: Array
    began: Array
    """NEW or LEFT."""
    stands: Array
    """WAITS or OUT."""
    days_ago: Array
    """Int: days since first asking, or since leaving care."""
    waited: Array
    """Int: days since the present asking, of who waits."""
    stayed: Array
    """Float: a uniform number that says how long somebody stayed who left."""


def draw_past(past: Past, key: int) -> PastPeople:
    """Draw the people, each from a key of their own."""
    rows: list[tuple[int, int, int, int, int, int, float]] = []
    width = past.days / STEPS
    for substance in range(len(past.expected)):
        for began in (NEW, LEFT):
            for stands in (WAITS, OUT):
                kind = (substance * 2 + began) * 2 + stands
                mean = float(past.expected[substance, began, stands])
                count = int(mean + uniform(joined(key, kind), int(HOW_MANY)))
                until = np.cumsum(past.ages[substance, began, stands])
                for place in range(count):
                    number = PAST + (kind << 24) + place
                    own = joined(key, number)
                    luck = uniform(own, int(WHEN_IT_BEGAN))
                    at = int(np.searchsorted(until, luck * until[-1], side="right"))
                    ago = 1 + int(min(at, STEPS - 1) * width)
                    gone = 1.0 - uniform(own, int(HOW_LONG_WAITED))
                    waited = min(int(-log(gone) / past.ends_of_waiting[substance]), ago)
                    stayed = uniform(own, int(HOW_LONG_STAYED))
                    rows.append((number, substance, began, stands, ago, waited, stayed))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    kinds = (np.int64, np.int64, np.int64, np.int64, np.int64, np.int64, float)
    return PastPeople(*(np.array(one, kind) for one, kind in zip(columns, kinds, strict=True)))
