"""How much sooner or later people leave in trials than in routine care, solved on the trials' arms.

Each arm is lived through as a trial that txsim can say: its people enrolled on day 0, trial care.
The first month and later have ratios of their own, moved until as many have a dose after four weeks
and after twenty-three as had in the trial.

    python experiments/calibration/trial_care.py DATA             # into the catalogue
    python experiments/calibration/trial_care.py DATA --dry-run
"""

from __future__ import annotations

import argparse
import sys
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from arms import VISIT, WHO, Arm, Setting, clinic_of, fixed, lived
from summaries import by_week, of_arm
from trial_data import MEDICATIONS, Trial, WrongData, read

import txsim.catalogue
from txsim.catalogue import load_catalogue

CATALOGUE = Path(txsim.catalogue.__file__).parent / "medications.toml"
SPANS = ((0, 4), (4, 23))
"""Weeks between which those with a dose are counted: the first month, and later."""
RATIOS = ("leaving_at_first_in_trials", "leaving_in_trials")
ROUNDS = 6
SHOWN = 3
"""Decimals of a ratio."""


def hazards(trial: Trial) -> list[float]:
    """Cumulative hazards of having no dose any more, by span."""
    receipt = by_week(trial)["medication receipt"]
    return [log(receipt[start] / receipt[end]) for start, end in SPANS]


def mix_of(arm: Arm) -> str:
    """The shipped case mix of an arm's trial."""
    return f"trial {'inpatients' if arm.detoxified else 'outpatients'}, opioids"


def seen_in_engine(arm: Arm, ratios: list[float], people: int, seed: int) -> list[float]:
    """The same of the engine under these ratios, without the visits for research alone."""
    paths = [f"medications.{arm.medication}.{one}" for one in RATIOS]
    in_trial_care = clinic_of(arm, people).with_changes(
        name=f"{arm.name} in trial care",
        clinic={"care": "trial"},
        services={VISIT: {"uptake": fixed(0.0, "probability")}},
        population={"mix": mix_of(arm)},
        mixes={mix_of(arm): {"detoxified_share": fixed(arm.detoxified, "proportion")}},
    )
    setting = Setting(dict(zip(paths, ratios, strict=True)))
    return hazards(lived(arm, people, setting, 0, seed, in_trial_care))


def solve(medication: str, trial: Trial, people: int, seed: int) -> list[float]:
    """Both ratios of a medication, over the arms that had it, by their sizes."""
    arms = [arm for arm in WHO if arm.medication == medication]
    weights = np.array([arm.size for arm in arms], float)
    weights /= weights.sum()
    known = load_catalogue().medications[medication]
    ratios = [getattr(known, one).value for one in RATIOS]
    wanted = weights @ np.array([hazards(of_arm(trial, arm.number)) for arm in arms])
    for _ in range(ROUNDS):
        found = weights @ np.array([seen_in_engine(arm, ratios, people, seed) for arm in arms])
        ratios = [
            ratio * exp(0.8 * log(want / max(got, 1e-3)))
            for ratio, want, got in zip(ratios, wanted, found, strict=True)
        ]
    print(
        f"{medication}: {', '.join(f'{one:.3f}' for one in ratios)}; without a dose, hazard by "
        f"span, wanted {np.round(wanted, 3)}, found {np.round(found, 3)}"
    )
    return ratios


def main() -> int:
    """Solve the ratios of every medication that was tried."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with the two files")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    given = parser.parse_args()
    try:
        trial = read(given.data)
    except WrongData as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 2
    found = {name: solve(name, trial, given.people, given.seed) for name in MEDICATIONS}
    if given.dry_run:
        return 0
    document: Any = tomlkit.parse(CATALOGUE.read_text(encoding="utf-8"))
    for name, ratios in found.items():
        for field, ratio in zip(RATIOS, ratios, strict=True):
            document[name][field]["value"] = round(ratio, SHOWN)
    CATALOGUE.write_text(tomlkit.dumps(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
