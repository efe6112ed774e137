"""Solve what stands for people who differ: how they use, for gains of services, and what fees add.

Published effects on use are of cohorts, so gains are solved for patients like those of the
reference cohort (docs/model.md, 7.6): how likely regular use and use on a day are there is
measured; how far people differ is moved until contingency management shows its published odds ratio
of positive samples. What a fee adds to leaving is moved until three dollars show theirs.

    python experiments/solve_reference.py              # into the catalogue
    python experiments/solve_reference.py --dry-run
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from math import exp, log
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import tomlkit

import txsim.catalogue
from txsim.catalogue import load_catalogue
from txsim.catalogue.gains import PEOPLE, chance
from txsim.catalogue.strengths import Strengths
from txsim.parameters.draw import CENTRE
from txsim.reference import paid_for_abstinence, positive_share, rate_of_leaving, reference_scenario
from txsim.run import run
from txsim.state import calendar
from txsim.state.events import AFTERCARE, INDUCTION, Kind

CATALOGUE = Path(txsim.catalogue.__file__).parent / "model.toml"
FIRST, LAST = 10, 84
"""Days between which samples are looked at: the second to the twelfth week."""
DAYS = 150
FEE = 3.0
"""USD a day."""
MIDDLE = (31, 180)
"""Days in care of methadone's middle phase."""
ROUNDS = 3
HALVINGS = 40
"""Steps in which a share is closed in on."""
SEEN = 0.7
"""Sd of the log odds of use on a day between people in spells of regular use."""
PER_LOG_ODDS = 5.0
"""How much further people have to differ for a log odds ratio that is short by one."""
NUMBERS = ("reference_use", "reference_regular_use", "reference_use_sd")


def log_odds(share: float) -> float:
    """Log odds of a share."""
    return log(share / (1.0 - share))


def in_care(people: int, seed: int) -> tuple[float, float]:
    """Of days in care under a dose: the share in regular use, and of these the share with use."""
    held = run(paid_for_abstinence(people, DAYS, offered=False), seed=seed, uncertainty=False)
    status = calendar.status_of(held.calendar)
    here = (status >= INDUCTION) & (status <= AFTERCARE) & calendar.medicated(held.calendar)
    regular = np.tile(held.patients["regular_use"], (len(here), 1))
    row = {int(person): place for place, person in enumerate(held.patients["person"])}
    turns = (Kind.REGULAR_USE_BEGAN, Kind.REGULAR_USE_ENDED)
    for event in held.events[np.isin(held.events["kind"], turns)][::-1]:
        # told backwards from the last day, on which the regime is known
        regular[: event["day"], row[int(event["person"])]] = event["kind"] != turns[0]
    span = slice(FIRST, LAST)
    here, regular, used = here[span], regular[span], calendar.used(held.calendar)[span]
    return float(regular[here].mean()), float(used[here & regular].mean())


def centre_of(mean_share: float, spread: float) -> float:
    """The log odds around which people of this spread show a mean share."""
    low, high = -9.0, 9.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        shown = sum(many * chance(middle + spread * off) for off, many in PEOPLE)
        low, high = (middle, high) if shown < mean_share else (low, middle)
    return low


def odds_ratio(numbers: Mapping[str, float], people: int, seeds: range) -> float:
    """Of positive samples, contingency management against none."""
    found = []
    for seed in seeds:
        odds = []
        for offered in (False, True):
            scenario = paid_for_abstinence(people, DAYS, offered).with_changes(model=dict(numbers))
            held = run(scenario, seed=seed, uncertainty=False)
            odds.append(exp(log_odds(positive_share(held, FIRST, LAST))))
        found.append(odds[1] / odds[0])
    return mean(found)


def ratio_of_fee(solved: float, people: int, seeds: range) -> float:
    """Leaving methadone in its middle phase with a fee, against none."""
    found = []
    for seed in seeds:
        rates = []
        for fee in (0.0, FEE):
            scenario = reference_scenario("methadone", people, MIDDLE[1] + 20).with_changes(
                clinic={"fees": {"per_day": fee}}, model={"fee_solved": solved}
            )
            rates.append(rate_of_leaving(run(scenario, seed=seed, uncertainty=False), *MIDDLE))
        found.append(rates[1] / rates[0])
    return mean(found)


def solve(people: int, seeds: range) -> dict[str, float]:
    """The numbers of the model by name."""
    catalogue = load_catalogue()
    model = {name: catalogue.model[name].value for name in (*NUMBERS, "fee_solved")}
    alone = Strengths(catalogue, CENTRE).on_methadone
    use = alone.regular - model["reference_use"]
    regular_use = alone.begins - model["reference_regular_use"] - alone.ends
    regular, used = in_care(people, seeds[0])
    model["reference_regular_use"] = log_odds(regular) - regular_use
    service = catalogue.services["contingency_management"]
    wanted = service.pays_for["use"].value
    # by what people are seen to differ, without what stands for doses and days too
    model["reference_use"] = centre_of(used, SEEN) - use
    for _ in range(ROUNDS):
        numbers = {name: model[name] for name in NUMBERS}
        found = odds_ratio(numbers, people, seeds)
        print(f"contingency management {found:.3f} for {wanted}, {numbers}")
        model["reference_use_sd"] = max(
            0.0, model["reference_use_sd"] + PER_LOG_ODDS * (log(found) - log(wanted))
        )
    published = catalogue.model["fee_effect"].value ** FEE
    for _ in range(ROUNDS):
        found = ratio_of_fee(model["fee_solved"], people, seeds)
        print(f"fee {found:.3f} for {published:.3f}, {model['fee_solved']:.3f}")
        model["fee_solved"] *= (published - 1.0) / max(found - 1.0, 1e-3)
    return model


def main() -> None:
    """Solve all, print, and write what was found into the catalogue."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    asked = parser.parse_args()
    found = solve(asked.people, range(asked.seed, asked.seed + asked.seeds))
    for name, value in found.items():
        print(f"{name} = {value:.3f}")
    if asked.dry_run:
        return
    document: Any = tomlkit.parse(CATALOGUE.read_text(encoding="utf-8"))
    for name, value in found.items():
        document[name]["value"] = round(value, 2)
    CATALOGUE.write_text(tomlkit.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
