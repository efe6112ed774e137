"""Fit the hidden regimes of use, visits and leaving to the patients of two trials.

    pip install -e ".[fit]"
    python experiments/calibration/fit.py DATA                  # the folder of the public data
    python experiments/calibration/fit.py DATA --out FOLDER     # elsewhere than build/calibration
    python experiments/calibration/fit.py DATA --quick          # few draws, to see that it runs
    python experiments/calibration/fit.py --recover 20          # known parameters, found again?

Writes `posterior.json` (means and limits of all parameters, what the fit rests on) and
`posterior.csv`, a table of draws of the catalogue's numbers for `txsim compare --draws`. A fit
whose chains disagree, or that is worth too few draws, is refused and nothing is written, unless it
is `--quick`, which is not to be used but to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
import numpyro
from numpyro.diagnostics import summary
from numpyro.infer import MCMC, NUTS
from patient_layer import patients
from synthetic_trial import KNOWN, make
from to_catalogue import table_of_draws
from trial_data import CITATION, Trial, WrongData, of_files, read

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "calibration"

FORMAT = 1
MOST_R_HAT = 1.02
LEAST_EFFECTIVE = 200.0
MOST_DIVERGENT = 0.005
"""Gates: chains that agree, draws that are worth so many independent ones, and hardly any that
diverged."""
OF_A_SITE = "of_site"
"""Nobody asks for these: they are of masked sites."""


def fitted(trial: Trial, draws: int, chains: int, seed: int, progress: bool = True) -> MCMC:
    """Chains of the posterior."""
    sampler = MCMC(
        NUTS(patients, target_accept_prob=0.9),
        num_warmup=draws,
        num_samples=draws,
        num_chains=chains,
        chain_method="sequential",
        progress_bar=progress,
    )
    sampler.run(jax.random.PRNGKey(seed), trial)
    return sampler


def what_fails(sampler: MCMC) -> list[str]:
    """The gates that a fit does not pass, a sentence each."""
    found = []
    for name, one in summary(sampler.get_samples(group_by_chain=True)).items():
        worst, least = np.max(one["r_hat"]), np.min(one["n_eff"])
        if not worst < MOST_R_HAT:
            found.append(f"{name}: chains disagree (R-hat {worst:.3f}, at most {MOST_R_HAT})")
        if not least >= LEAST_EFFECTIVE:
            found.append(f"{name}: worth {least:.0f} draws, at least {LEAST_EFFECTIVE:.0f} needed")
    diverged = float(np.mean(sampler.get_extra_fields()["diverging"]))
    if diverged > MOST_DIVERGENT:
        found.append(f"{100 * diverged:.1f} % of draws diverged, at most {100 * MOST_DIVERGENT} %")
    return found


def told(sampler: MCMC) -> dict[str, Any]:
    """Mean, sd and 90 % limits of each parameter."""
    found: dict[str, Any] = {}
    for name, draws in sampler.get_samples().items():
        if name != OF_A_SITE:
            low, high = np.quantile(np.asarray(draws), (0.05, 0.95), axis=0)
            figures = {"mean": np.mean(draws, axis=0), "sd": np.std(draws, axis=0)}
            figures |= {"low": low, "high": high}
            found[name] = {
                what: np.round(np.asarray(x, float), 4).tolist() for what, x in figures.items()
            }
    return found


def save(sampler: MCMC, trial: Trial, data: Path, out: Path, given: Any) -> None:
    """Write the posterior with what it rests on."""
    out.mkdir(parents=True, exist_ok=True)
    draws = {name: np.asarray(one) for name, one in sampler.get_samples().items()}
    provenance = {
        "format": FORMAT,
        "data": CITATION,
        "files": of_files(data),
        "patients": trial.size,
        "model": "hidden regimes of use by week, experiments/calibration/patient_layer.py",
        "draws": given.draws * given.chains,
        "seed": given.seed,
        "versions": {one: version(one) for one in ("txsim", "numpyro", "jax", "numpy")},
        "identified": "start, begin and end of regular use, urines and visits by regime, leaving "
        "by arm and phase, by regime and missed visit, by age, sex, stimulants and housing",
        "not identified": "frailty against a falling rate of leaving; services, barriers, waiting, "
        "staff, overdose, death, fentanyl, alcohol: nothing of these is in the data",
    }
    report = {**provenance, "parameters": told(sampler)}
    (out / "posterior.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    table_of_draws(draws).to_csv(out / "posterior.csv", index=False, float_format="%.6g")


def recover(rounds: int, people: int, draws: int, seed: int) -> dict[str, list[float]]:
    """For each parameter, the ranks of what is known among the draws fitted to synthetic people."""
    ranks: dict[str, list[float]] = {}
    for one in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), people, seed + one)
            trial = read(Path(folder))
        sampler = fitted(trial, draws, 1, seed + one, progress=False)
        for name, found in sampler.get_samples().items():
            if name in KNOWN:
                below = np.mean(np.asarray(found) < np.asarray(KNOWN[name]), axis=0)
                for place, rank in np.ndenumerate(np.atleast_1d(below)):
                    label = name + "".join(f"[{x}]" for x in place)
                    ranks.setdefault(label, []).append(float(rank))
        print(f"{one + 1} of {rounds} trials of {people} synthetic people", flush=True)
    return ranks


def tell_ranks(ranks: dict[str, list[float]]) -> None:
    """Print how often 90 % intervals held what is known, parameter by parameter and in all."""
    inside = {name: np.mean([0.05 <= x <= 0.95 for x in one]) for name, one in ranks.items()}
    for name, one in ranks.items():
        print(f"{name:22} mean rank {np.mean(one):.2f}, inside 90 %: {inside[name]:.2f}")
    print(
        f"all {len(ranks)} parameters: {np.mean(list(inside.values())):.3f} inside 90 % intervals"
    )


def main() -> int:
    """Fit, or see whether what is known is found again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", help="folder with the two files")
    parser.add_argument("--out", type=Path, default=BUILD)
    parser.add_argument("--draws", type=int, default=800, help="draws of each chain")
    parser.add_argument("--chains", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--quick", action="store_true", help="150 draws; never enough to be shipped"
    )
    parser.add_argument("--recover", type=int, default=0, metavar="N", help="N synthetic trials")
    parser.add_argument("--people", type=int, default=900, help="people of a synthetic trial")
    given = parser.parse_args()
    numpyro.set_platform("cpu")
    if given.quick:
        given.draws = 150
    if given.recover:
        tell_ranks(recover(given.recover, given.people, given.draws, given.seed))
        return 0
    if given.data is None:
        parser.error("name the folder of the data, or --recover N")
    try:
        trial = read(given.data)
    except WrongData as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 2
    sampler = fitted(trial, given.draws, given.chains, given.seed, progress=sys.stderr.isatty())
    failed = what_fails(sampler)
    if failed and not given.quick:
        print("error: the fit is refused, and nothing was written:", file=sys.stderr)
        for one in failed:
            print(f"  {one}", file=sys.stderr)
        return 1
    save(sampler, trial, given.data, given.out, given)
    print(f"{trial.size} patients; posterior.json and posterior.csv are in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
