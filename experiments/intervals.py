"""See how often 90 % intervals hold the truth, made on scales of their own and without them.

Figures are made up whose truth is known: shares of few people near 0 and near 1, skewed counts,
symmetric amounts, figures that are nothing in half of the draws, and differences of each, in 5, 12
and 50 draws of four replications, spread over their range as those of a comparison are. Of each
kind so many are made that the share of intervals that hold the expected value of one more draw is
known to half a point of a hundred. Every kind is added to a file as soon as it is done, so that the
experiment can be stopped and gone on with.

    python experiments/intervals.py                 # kinds not done yet, and print the tables
    python experiments/intervals.py --minutes 10    # as many as there is time for
    python experiments/intervals.py --write         # and write them into docs/intervals.md
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pages import table, write_between
from scipy.special import expit, logit, ndtri

from txsim.compare.estimate import Estimate, estimate
from txsim.compare.expected import roomy
from txsim.compare.unseen import unseen_share

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "intervals.md"
KEPT = ROOT / "build" / "intervals.jsonl"
MARKERS = "<!-- intervals begin -->", "<!-- intervals end -->"

Array = np.ndarray[Any, Any]
Chance = np.random.Generator

FIGURES = 4000
"""Figures of a kind: a share of 0.9 of them is known with a standard error of 0.005."""
DRAWS = (5, 12, 50)
LUCK = 4
HEADINGS = ("on the figure itself", "on a scale of its own", "beyond", "width")
SHARE, COUNT = (0.0, 1.0), (0.0, np.inf)


@dataclass(frozen=True)
class Made:
    """Replications x figures of one design or of two, and the expected value in a further draw."""

    values: tuple[Array, ...]
    truth: Array
    limits: tuple[float, float]
    people: float
    """People of a replication; 0 where nobody is counted."""


@dataclass(frozen=True)
class Kind:
    """A kind of figure, and how it is made for so many draws."""

    table: str
    words: str
    make: Callable[[Chance, int], Made]


def _each(expected: Array) -> Array:
    return np.repeat(expected, LUCK, axis=0)


def drawn(luck: Chance, draws: int) -> Array:
    """Standard normal deviates of so many draws, and of one more; (draws + 1) x figures.

    They are spread as a replication's draws are (`txsim.parameters.draw.spread_evenly`): of each 4
    one in each quarter of the range, of each 16 one in each sixteenth. The further one is anywhere.
    """
    groups, wholes = -(-draws // 4), -(-draws // 16)
    parts = np.arange(4.0)[:, None]
    quarters = luck.permuted(np.tile(parts, (groups, 1, FIGURES)), axis=1).astype(int)
    sixteenths = luck.permuted(np.tile(parts, (wholes, 4, 1, FIGURES)), axis=2)
    group, place = np.divmod(np.arange(draws), 4)
    quarter = quarters[group, place]
    part = sixteenths[(group // 4)[:, None], quarter, (group % 4)[:, None], np.arange(FIGURES)]
    shares = (quarter + (part + luck.random((draws, FIGURES))) / 4.0) / 4.0
    return np.concatenate([ndtri(shares), luck.normal(size=(1, FIGURES))])


def _share(people: int, share: float, spread: float) -> Kind:
    def make(luck: Chance, draws: int) -> Made:
        odds = logit(share) + spread * drawn(luck, draws)
        expected = expit(odds)
        values = luck.binomial(people, _each(expected[:-1])) / people
        return Made((values,), expected[-1], SHARE, people)

    return Kind("shares", f"{share:g} of {people} people, sd of log odds {spread:g}", make)


def _count(mean: float, spread: float) -> Kind:
    def make(luck: Chance, draws: int) -> Made:
        rates = spread * drawn(luck, draws) - spread**2 / 2.0
        expected = mean * np.exp(rates)
        return Made((luck.poisson(_each(expected[:-1])).astype(float),), expected[-1], COUNT, 0.0)

    return Kind("counts", f"{mean:g} on average, sd of the logarithm {spread:g}", make)


def _symmetric(spread: float, noise: float) -> Kind:
    def make(luck: Chance, draws: int) -> Made:
        expected = 100.0 + spread * drawn(luck, draws)
        values = _each(expected[:-1]) + noise * luck.normal(size=(LUCK * draws, FIGURES))
        return Made((values,), expected[-1], COUNT, 0.0)

    return Kind("amounts", f"100 on average, sd of draws {spread:g}, of luck {noise:g}", make)


def _half_nothing() -> Kind:
    def make(luck: Chance, draws: int) -> Made:
        something = drawn(luck, draws) < 0.0
        expected = something * 2.0 * np.exp(0.2 * drawn(luck, draws))
        values = _each(expected[:-1]) * np.exp(0.1 * luck.normal(size=(LUCK * draws, FIGURES)))
        return Made((values,), expected[-1], COUNT, 0.0)

    return Kind("amounts", "nothing in half of the draws, about 2 in the others", make)


def _shares_apart(people: int, share: float, effect: float, spread: float = 0.3) -> Kind:
    """Two designs with the same people, whose luck they share by half."""

    def make(luck: Chance, draws: int) -> Made:
        odds = logit(share) + 0.7 * drawn(luck, draws)
        before, now = expit(odds), expit(odds + effect + spread * drawn(luck, draws))
        alike, other = (luck.random((people // 2, LUCK * draws, FIGURES)) for _ in range(2))
        own = luck.random((people // 2, LUCK * draws, FIGURES))
        first = ((alike < _each(before[:-1])).sum(0) + (other < _each(before[:-1])).sum(0)) / people
        later = ((alike < _each(now[:-1])).sum(0) + (own < _each(now[:-1])).sum(0)) / people
        return Made((later, first), now[-1] - before[-1], SHARE, people)

    words = f"{share:g} of {people} people, log odds moved by {effect:g} (sd {spread:g})"
    return Kind("differences", words, make)


def _counts_apart(mean: float, ratio: float) -> Kind:
    def make(luck: Chance, draws: int) -> Made:
        before = mean * np.exp(0.7 * drawn(luck, draws) - 0.245)
        now = before * ratio * np.exp(0.15 * drawn(luck, draws))
        values = tuple(luck.poisson(_each(one[:-1])).astype(float) for one in (now, before))
        return Made(values, now[-1] - before[-1], COUNT, 0.0)

    return Kind("differences", f"count of {mean:g}, {ratio:g} times as many", make)


KINDS: tuple[Kind, ...] = (
    *(
        _share(people, share, spread)
        for people in (10, 40, 340)
        for share in (0.002, 0.01, 0.05, 0.5, 0.95, 0.99)
        for spread in (0.3, 0.7)
    ),
    *(_count(mean, spread) for mean in (0.2, 1.0, 5.0, 50.0) for spread in (0.3, 0.7, 1.2)),
    *(
        _symmetric(spread, noise)
        for spread, noise in ((10.0, 5.0), (3.0, 20.0), (30.0, 10.0), (10.0, 0.05))
    ),
    _half_nothing(),
    *(_shares_apart(20, share, effect) for share in (0.05, 0.5) for effect in (0.0, 0.5)),
    _shares_apart(20, 0.5, 0.0, 4.0),
    *(_counts_apart(mean, ratio) for mean in (1.0, 20.0) for ratio in (0.7, 1.0)),
)


def usual(made: Made, draws: Array | None) -> tuple[Array, Array]:
    """Limits made on the figures themselves, as they come."""
    values = made.values[0] if len(made.values) == 1 else made.values[0] - made.values[1]
    found = estimate(values, draws, years=False)
    return found.low, found.high


def on_their_scales(made: Made, draws: Array | None) -> tuple[Array, Array]:
    """Limits as comparisons make them."""
    low, high = made.limits
    levels = [_level(one, made, draws) for one in made.values]
    if len(levels) == 1:
        return levels[0].low, levels[0].high
    values = made.values[0] - made.values[1]
    possible = np.tile((low - high, high - low), (values.shape[1], 1))
    ends = np.tile(made.limits, (values.shape[1], 1))
    found = estimate(values, draws, possible, years=False)
    found = roomy(found, levels[0], levels[1], ends, ends)
    return found.low, found.high


def _level(values: Array, made: Made, draws: Array | None) -> Estimate:
    ends = np.tile(made.limits, (values.shape[1], 1))
    found = estimate(values, draws, ends, years=False)
    of_one = np.full(values.shape[1], 1.0 if made.people else np.nan)
    return unseen_share(found, ends, np.full(values.shape[1], made.people), of_one)


def result(kind: Kind, draws: int, seed: int) -> dict[str, Any]:
    """How often both sorts of limits hold the truth, and how wide they are."""
    luck = np.random.default_rng((seed, draws, sum(map(ord, kind.words))))
    made = kind.make(luck, draws)
    number = np.repeat(np.arange(draws), LUCK)
    lowest, highest = made.limits
    if len(made.values) == 2:
        lowest, highest = lowest - highest, highest - lowest
    row: dict[str, Any] = {"table": kind.table, "kind": kind.words, "draws": draws, "seed": seed}
    widths = []
    for name, limits in (("usual", usual), ("new", on_their_scales)):
        low, high = limits(made, number)
        beyond = (low < lowest - 1e-12) | (high > highest + 1e-12)
        row[f"{name}_beyond"] = float(beyond.mean())
        low, high = np.clip(low, lowest, highest), np.clip(high, lowest, highest)
        row[f"{name}_below"] = float((made.truth < low).mean())
        row[f"{name}_above"] = float((made.truth > high).mean())
        widths.append(np.median(high - low))
    row["width"] = float(widths[1] / widths[0]) if widths[0] > 0 else None
    return row


def done(seed: int) -> dict[tuple[str, str, int], dict[str, Any]]:
    """What is in the file already."""
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["table"], row["kind"], row["draws"]): row for row in rows if row["seed"] == seed}


def add_the_rest(seed: int, minutes: float) -> None:
    """Do the kinds that are not in the file yet, as long as there is time."""
    until = time.monotonic() + 60.0 * minutes
    known = done(seed)
    KEPT.parent.mkdir(exist_ok=True)
    for kind in KINDS:
        for draws in DRAWS:
            if (kind.table, kind.words, draws) in known:
                continue
            if time.monotonic() > until:
                return
            with KEPT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result(kind, draws, seed)) + "\n")


def _cell(row: dict[str, Any], name: str) -> str:
    below, above = 100 * row[f"{name}_below"], 100 * row[f"{name}_above"]
    return f"{100 - below - above:.1f} ({below:.1f}, {above:.1f})"


def tables(seed: int) -> Iterator[str]:
    """A table for each sort of figure: its kinds, and what holds in each number of draws."""
    known = done(seed)
    for name in dict.fromkeys(kind.table for kind in KINDS):
        headings = (name, "draws", *HEADINGS)
        rows = []
        for kind in (one for one in KINDS if one.table == name):
            for draws in DRAWS:
                row = known.get((kind.table, kind.words, draws))
                if row is not None:
                    width = "" if row["width"] is None else f"{row['width']:.2f}"
                    rows.append(
                        (
                            kind.words if draws == DRAWS[0] else "",
                            str(draws),
                            _cell(row, "usual"),
                            _cell(row, "new"),
                            f"{100 * row['usual_beyond']:.0f}, {100 * row['new_beyond']:.0f}",
                            width,
                        )
                    )
        yield table(headings, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write into {PAGE.name}")
    given = parser.parse_args()
    add_the_rest(given.seed, given.minutes)
    figures = "\n\n".join(tables(given.seed))
    print(figures)
    if given.write:
        given.replications = f"{FIGURES:,} figures of each kind, in draws of {LUCK}"
        write_between(PAGE, MARKERS, figures, given)


if __name__ == "__main__":
    main()
