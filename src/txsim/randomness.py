"""Random numbers keyed by person, day and decision (common random numbers).

A draw is a fixed function of (replication, decision, day, patient), whatever was drawn before and
whatever else runs. So person k draws the same numbers in every design, and a change reaches only
those whom it affects. The mixing steps are those of SplitMix64 (Steele, Lea and Flood 2014, doi
10.1145/2660193.2660195). The normal distribution is inverted by Wichura's AS 241 (1988, doi
10.2307/2347330). `exponential` and `logarithm` are our own polynomials on top of exactly rounded
operations, so that results do not depend on a machine's mathematics library.
"""

from __future__ import annotations

import hashlib
from math import factorial, sqrt
from typing import Any

import numpy as np
from numba.extending import overload

from txsim.compiled.functions import rule

MASK = (1 << 64) - 1
DAY_STRIDE = 0xD1342543DE82EF95
"""An odd constant that spreads days over 64 bits."""
DAYS_BEFORE = 1 << 20
"""Added to a day, so that days before opening are positive too."""

Key = int | np.uint64
"""64 bits: as a plain integer, or as compiled code holds them."""

_decisions: dict[str, int] = {}


def hash_of_name(name: str) -> int:
    """64 bits that depend on the name only: never on a position in a file or a list."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def decision(name: str) -> np.uint64:
    """Declare a random decision, once; its draws are independent of all others'.

    Raises ValueError when the name was declared before.
    """
    if name in _decisions:
        raise ValueError(f"the decision {name!r} is declared twice")
    _decisions[name] = hash_of_name(f"decision:{name}")
    return np.uint64(_decisions[name])


def decisions() -> tuple[str, ...]:
    """The names of all declared decisions."""
    return tuple(_decisions)


def mix(value: Key) -> int:
    """Scramble 64 bits so that every bit of the result depends on every bit of the value."""
    value = int(value) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def joined(key: Key, other: Key) -> int:
    """A key for the pair of a key and a second number, both of 64 bits."""
    return mix((int(key) + int(other) * 0x9E3779B97F4A7C15) & MASK)


def day_key(patient_key: Key, day: int) -> int:
    """The key of one person's one day."""
    return mix(int(patient_key) ^ (((int(day) + DAYS_BEFORE) * DAY_STRIDE) & MASK))


def uniform(key: Key, purpose: Key) -> float:
    """The draw of a key for a purpose: one of 2^52 numbers strictly between 0 and 1."""
    return (float(joined(key, purpose) >> 12) + 0.5) * 2.0**-52


@overload(mix)
def _mix(value: Any) -> Any:
    def compiled(value: Any) -> Any:
        bits = np.uint64(value)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return bits ^ (bits >> np.uint64(31))

    return compiled


@overload(joined)
def _joined(key: Any, other: Any) -> Any:
    def compiled(key: Any, other: Any) -> Any:
        return mix(np.uint64(key) + np.uint64(other) * np.uint64(0x9E3779B97F4A7C15))

    return compiled


@overload(day_key)
def _day_key(patient_key: Any, day: Any) -> Any:
    def compiled(patient_key: Any, day: Any) -> Any:
        return mix(np.uint64(patient_key) ^ (np.uint64(day + DAYS_BEFORE) * np.uint64(DAY_STRIDE)))

    return compiled


@overload(uniform)
def _uniform(key: Any, purpose: Any) -> Any:
    def compiled(key: Any, purpose: Any) -> Any:
        return (np.float64(joined(key, purpose) >> np.uint64(12)) + 0.5) * 2.0**-52

    return compiled


TAYLOR: tuple[float, ...] = tuple(1.0 / factorial(power) for power in range(13))
"""Coefficients of e^x; as constants, because a division takes as long as four multiplications."""

ODD_PARTS: tuple[float, ...] = tuple(1.0 / odd for odd in range(21, 0, -2))
"""Coefficients of the logarithm's series, the smallest first."""


@rule
def exponential(x: float) -> float:
    """E to the power x: relative error below 1e-14, and 0 below -700.

    2 to a whole power times a polynomial of the rest.
    """
    if x < -700.0:
        return 0.0
    if x > 700.0:
        x = 700.0
    whole = np.floor(x * 1.4426950408889634 + 0.5)
    rest = (x - whole * 0.693145751953125) - whole * 1.4286068203094172e-06
    square = rest * rest
    fourth = square * square
    low = (1.0 + rest) + square * (TAYLOR[2] + TAYLOR[3] * rest)
    middle = (TAYLOR[4] + TAYLOR[5] * rest) + square * (TAYLOR[6] + TAYLOR[7] * rest)
    high = (TAYLOR[8] + TAYLOR[9] * rest) + square * (TAYLOR[10] + TAYLOR[11] * rest)
    power: float = low + fourth * (middle + fourth * (high + fourth * TAYLOR[12]))
    power *= np.int64((np.int64(whole) + 1023) << 52).view(np.float64)
    return power


@rule
def logarithm(x: float) -> float:
    """The natural logarithm of a positive normal number, relative error below 1e-14."""
    bits = np.float64(x).view(np.int64)
    whole = (bits >> 52) - 1023
    part = np.int64((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    if part > 1.4142135623730951:
        part *= 0.5
        whole += 1
    ratio = (part - 1.0) / (part + 1.0)
    square = ratio * ratio
    series = 0.0
    for part_of_one in ODD_PARTS:
        series = series * square + part_of_one
    return 2.0 * ratio * series + whole * 0.6931471805599453


@rule
def chance_of(log_odds: float) -> float:
    """The probability whose log odds these are."""
    return 1.0 / (1.0 + exponential(-log_odds))


@rule
def happens(luck: float, log_odds: float) -> bool:
    """Whether an event of these log odds happens, given its uniform draw.

    Exact, and cheap when the event is rare or all but certain.
    """
    if log_odds < -3.0 and luck >= 0.0475:
        return False
    if log_odds > 2.0 and luck < 0.88:
        return True
    return luck < chance_of(log_odds)


@rule
def ringing_time(luck: float, log_rate: float) -> float:
    """Time of the first event at this log rate; 2 (never today) when certainly after 1.

    In units of the rate's time. Exact: an event falls within 1 only if the draw lies below the
    rate, which for rare events is seen without computing the rate.
    """
    if log_rate < -4.0 and luck >= 0.0184:
        return 2.0
    if log_rate < -2.0 and luck >= 0.1354:
        return 2.0
    rate = exponential(log_rate)
    if luck >= rate:
        return 2.0
    return -logarithm(1.0 - luck) / rate


@rule
def normal(luck: float) -> float:
    """The standard normal number at this point of the distribution.

    One draw gives one normal, rising with the draw.
    """
    centred = luck - 0.5
    if abs(centred) <= 0.425:
        r = 0.180625 - centred * centred
        above = (
            (
                (
                    (
                        (
                            (2509.0809287301226727 * r + 33430.575583588128105) * r
                            + 67265.770927008700853
                        )
                        * r
                        + 45921.953931549871457
                    )
                    * r
                    + 13731.693765509461125
                )
                * r
                + 1971.5909503065514427
            )
            * r
            + 133.14166789178437745
        ) * r + 3.3871328727963666080
        below = (
            (
                (
                    (
                        (
                            (5226.4952788528545610 * r + 28729.085735721942674) * r
                            + 39307.895800092710610
                        )
                        * r
                        + 21213.794301586595867
                    )
                    * r
                    + 5394.1960214247511077
                )
                * r
                + 687.18700749205790830
            )
            * r
            + 42.313330701600911252
        ) * r + 1.0
        return centred * above / below
    r = sqrt(-logarithm(luck if centred < 0.0 else 1.0 - luck))
    if r <= 5.0:
        r -= 1.6
        above = (
            (
                (
                    (
                        (
                            (7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
                            + 2.41780725177450611770e-1
                        )
                        * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.76949722146069140550
            )
            * r
            + 4.63033784615654529590
        ) * r + 1.42343711074968357734
        below = (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
                            + 1.51986665636164571966e-2
                        )
                        * r
                        + 1.48103976427480074590e-1
                    )
                    * r
                    + 6.89767334985100004550e-1
                )
                * r
                + 1.67638483018380384940
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r -= 5.0
        above = (
            (
                (
                    (
                        (
                            (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                            + 1.24266094738807843860e-3
                        )
                        * r
                        + 2.65321895265761230930e-2
                    )
                    * r
                    + 2.96560571828504891230e-1
                )
                * r
                + 1.78482653991729133580
            )
            * r
            + 5.46378491116411436990
        ) * r + 6.65790464350110377720
        below = (
            (
                (
                    (
                        (
                            (2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
                            + 1.84631831751005468180e-5
                        )
                        * r
                        + 7.86869131145613259100e-4
                    )
                    * r
                    + 1.48753612908506148525e-2
                )
                * r
                + 1.36929880922735805310e-1
            )
            * r
            + 5.99832206555887937690e-1
        ) * r + 1.0
    return above / below if centred >= 0.0 else -above / below
