"""Fit the engine's own numbers to the patients of two trials, by simulation.

    pip install -e ".[fit]"
    python experiments/calibration/fit_engine.py DATA            # simulate, emulate, fit, check
    python experiments/calibration/fit_engine.py DATA --quick    # few of all, to see that it runs
    python experiments/calibration/fit_engine.py DATA --ship     # and put it into the package

`DATA` is the folder of the public data, as for `fit.py`, whose draws are the prior. Four arms are
simulated under some hundreds of settings (`simulated.py`), an emulator learns from them
(`emulator.py`), and NumPyro samples what the patients' figures say of the numbers. What has been
simulated is kept in `--out` and used again while nothing has changed that it depends on.

A fit that fails a gate is refused with the reasons: nothing is shipped, exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from arms import WHO, Setting, lived
from emulator import ArmEmulator, learn, tried, worst_figures
from engine_numbers import MOVED, NAMES, SHIPPED, first_stage, prior_covariance, values_of
from simulated import CHECK, DESIGN, Plan, simulate
from summaries import (
    IS_RATIO,
    by_week,
    errors_of,
    fitted_in,
    of_arm,
    summaries,
    told_nothing,
    use_days_by_week,
)
from summaries import NAMES as FIGURES
from trial_data import Trial, WrongData, read

Array = np.ndarray[Any, Any]

BUILD = Path(__file__).resolve().parents[2] / "build" / "calibration" / "engine"
REPORT = "engine.json"
DRAWS = "engine-draws.npz"

MOST_R_HAT = 1.02
LEAST_EFFECTIVE = 400.0
MOST_DIVERGENT = 0.005
EMULATOR_ERROR = (0.8, 1.25)
"""Root mean square of an arm's errors on settings not learnt from, in standard errors."""
COVERAGE = (0.84, 0.96)
"""Share of known values inside 90 % intervals, over all numbers and trials."""
LEAST_P = 0.01
"""Of the least uniform ranks among all numbers (Kolmogorov-Smirnov, Bonferroni)."""
MISFIT = ((0.02, 0.25), (0.02, 0.25))
"""Scale of what the engine cannot show of shares and of log ratios, in START and in X:BOT:
half-normal priors."""
TRIAL_OF = (0, 0, 1, 1)
"""The trial of each arm."""
KIND = IS_RATIO.astype(int)


def engine(emulators: list[ArmEmulator], root: Array, found: Any, errors: Any) -> None:
    """The model: numbers moved from their centres, arms' figures, luck and misfit.

    `found` is arms x figures, `errors` arms x figures x figures.
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    raw = numpyro.sample("raw", dist.Normal(0.0, 1.0).expand([len(MOVED)]).to_event(1))
    moved = numpyro.deterministic("moved", jnp.asarray(root) @ raw)
    scales = numpyro.sample("misfit", dist.HalfNormal(jnp.array(MISFIT)).to_event(2))
    for a, one in enumerate(emulators):
        use = np.flatnonzero(fitted_in(a))
        mean = one.means(moved, jnp)[use]
        misfit = scales[TRIAL_OF[a]][KIND]
        spread = (misfit**2 + jnp.asarray(one.unknown) ** 2)[use]
        covariance = errors[a][np.ix_(use, use)] + jnp.diag(spread)
        numpyro.sample(WHO[a].name, dist.MultivariateNormal(mean, covariance), obs=found[a][use])


class Sampler:
    """Samples the model again and again, compiled once."""

    def __init__(self, emulators: list[ArmEmulator], root: Array, draws: int, chains: int) -> None:
        """So many draws of so many chains."""
        from functools import partial

        from numpyro.infer import MCMC, NUTS
        from numpyro.infer.initialization import init_to_median

        model = partial(engine, emulators, root)
        kernel = NUTS(model, target_accept_prob=0.85, init_strategy=init_to_median)
        self.mcmc = MCMC(
            kernel,
            num_warmup=max(draws // 2, 200),
            num_samples=draws,
            num_chains=chains,
            chain_method="sequential",
            progress_bar=False,
            jit_model_args=True,
        )

    def __call__(self, found: Array, errors: Array, seed: int) -> dict[str, Array]:
        """Draws by site: chains x draws x size."""
        import jax

        self.mcmc.run(jax.random.PRNGKey(seed), jax.numpy.asarray(found), jax.numpy.asarray(errors))
        samples = self.mcmc.get_samples(group_by_chain=True)
        return {name: np.asarray(one) for name, one in samples.items()}

    def what_fails(self) -> list[str]:
        """The gates of sampling that the last draws do not pass, a sentence each."""
        from numpyro.diagnostics import summary

        found = []
        for name, one in summary(self.mcmc.get_samples(group_by_chain=True)).items():
            worst, least = np.max(one["r_hat"]), np.min(one["n_eff"])
            if not worst < MOST_R_HAT:
                found.append(f"{name}: chains disagree (R-hat {worst:.3f}, at most {MOST_R_HAT})")
            if not least >= LEAST_EFFECTIVE:
                found.append(f"{name}: worth {least:.0f} draws, needed {LEAST_EFFECTIVE:.0f}")
        diverged = float(np.mean(self.mcmc.get_extra_fields()["diverging"]))
        if diverged > MOST_DIVERGENT:
            found.append(
                f"{100 * diverged:.1f} % of draws diverged, at most {100 * MOST_DIVERGENT} %"
            )
        return found


def known_found_again(
    emulators: list[ArmEmulator], root: Array, check: dict[str, Array], draws: int, seed: int
) -> tuple[Array, Array]:
    """Ranks of known settings among the draws fitted to arms that the engine simulated under them.

    The settings are draws of the prior and the figures are the engine's own, with a misfit drawn
    from its prior too, so that ranks are uniform where emulator and sampling are right
    (simulation-based calibration). Also the spread of each fit, for what figures tell of a number.
    """
    sampler = Sampler(emulators, root, draws, 1)
    ranks, spreads = [], []
    for k, moved in enumerate(check["settings"]):
        luck = np.random.default_rng([seed, k])
        scales = np.abs(luck.normal(0.0, MISFIT))
        misfit = np.array([scales[TRIAL_OF[a]][KIND] for a in range(len(WHO))])
        found = check["found"][k] + misfit * luck.standard_normal(misfit.shape)
        drawn = sampler(found, check["errors"][k], seed + k)["moved"].reshape(-1, len(MOVED))
        ranks.append((drawn < moved).mean(axis=0))
        spreads.append(drawn.std(axis=0))
    return np.array(ranks), np.array(spreads)


def all_found_again(
    emulators: list[ArmEmulator],
    root: Array,
    check: dict[str, Array],
    draws: int,
    seed: int,
    workers: int,
) -> tuple[Array, Array]:
    """The same, the settings dealt out to processes."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    places = np.array_split(np.arange(len(check["settings"])), workers)
    parts = [{name: one[some] for name, one in check.items()} for some in places if len(some)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        jobs = [
            executor.submit(known_found_again, emulators, root, part, draws, seed + 100 * k)
            for k, part in enumerate(parts)
        ]
        found = [job.result() for job in jobs]
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def what_fails_of_ranks(ranks: Array) -> list[str]:
    """The gates of simulation-based calibration that are not passed."""
    from scipy.stats import kstest

    found = []
    inside = float(((ranks >= 0.05) & (ranks <= 0.95)).mean())
    if not COVERAGE[0] <= inside <= COVERAGE[1]:
        found.append(f"90 % intervals hold {100 * inside:.0f} % of known values")
    p = [kstest(one, "uniform").pvalue for one in ranks.T]
    least = int(np.argmin(p))
    if p[least] * len(p) < LEAST_P:
        found.append(f"ranks of {NAMES[least]} are not uniform (p {p[least]:.1g})")
    return found


def what_fails_of_emulator(errors: Array) -> list[str]:
    """Arms whose emulator errs more, or less, than it says."""
    found = []
    for a, arm in enumerate(WHO):
        size = float(np.sqrt((errors[:, a] ** 2).mean()))
        if not EMULATOR_ERROR[0] <= size <= EMULATOR_ERROR[1]:
            found.append(f"{arm.name}: the emulator errs by {size:.2f} standard errors")
    return found


def aims(
    trial: Trial, moved: Array, seed: int, people: int = 600, times: int = 4
) -> dict[str, Any]:
    """How far the engine is from the patients, week by week, under some settings (rows)."""
    found: dict[str, Any] = {}
    for arm in WHO:
        seen = of_arm(trial, arm.number)
        many = [
            lived(arm, people, Setting(values_of(one, arm)), k, seed)
            for one in moved
            for k in range(times)
        ]
        engine_weeks = [by_week(one) for one in many]
        untold = told_nothing(seen)
        told: dict[str, Any] = {"tells nothing": round(untold, 3)}
        for name, patients in by_week(seen).items():
            mean = np.mean([one[name] for one in engine_weeks], axis=0)
            told[name] = round(float(np.abs(mean - patients)[1:].mean()), 4)
        if np.isfinite(seen.use_days).any():
            mean = np.mean([use_days_by_week(one, untold) for one in many], axis=0)
            told["use days"] = round(
                float(np.abs(mean - use_days_by_week(seen, 0.0))[1:].mean()), 3
            )
        figures = np.mean([summaries(one) for one in many], axis=0)
        told["figures"] = {
            name: [round(float(a), 3), round(float(b), 3)]
            for name, a, b in zip(FIGURES, summaries(seen), figures, strict=True)
        }
        found[arm.name] = told
    return found


def told_of(drawn: Array, covariance: Array) -> dict[str, Any]:
    """Of each number: mean and limits of how far it was moved, and its spread over the prior's."""
    low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
    prior = np.sqrt(np.diag(covariance))
    return {
        name: {
            "moved": round(float(drawn[:, k].mean()), 3),
            "low": round(float(low[k]), 3),
            "high": round(float(high[k]), 3),
            "spread over the prior's": round(float(drawn[:, k].std() / prior[k]), 2),
        }
        for k, name in enumerate(NAMES)
    }


def ridges(drawn: Array, least: float = 0.4) -> list[list[Any]]:
    """Pairs of numbers that the figures tell together but not apart: strong correlations."""
    r = np.corrcoef(drawn, rowvar=False)
    pairs = [
        [NAMES[i], NAMES[j], round(float(r[i, j]), 2)]
        for i in range(len(NAMES))
        for j in range(i)
        if abs(r[i, j]) >= least
    ]
    return sorted(pairs, key=lambda one: -abs(one[2]))


def main() -> int:
    """Simulate, emulate, fit, check, and ship where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with the two files")
    parser.add_argument("--out", type=Path, default=BUILD)
    parser.add_argument("--settings", type=int, default=500, help="simulated to learn from")
    parser.add_argument("--checks", type=int, default=40, help="known settings to find again")
    parser.add_argument("--people", type=int, default=300, help="in each simulated arm")
    parser.add_argument("--draws", type=int, default=1000, help="draws of each chain")
    parser.add_argument("--chains", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="few of all; never to be shipped")
    parser.add_argument("--ship", action="store_true", help="put the posterior into the package")
    given = parser.parse_args()
    if given.quick:
        given.settings, given.checks, given.people, given.draws = 40, 2, 40, 150
        if given.ship:
            parser.error("--quick is not to be shipped")
    try:
        trial = read(given.data)
    except WrongData as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 2
    began = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - began:5.0f} s  {what}", flush=True)

    plan = Plan(given.settings, given.checks, given.people, given.seed)
    held = simulate(
        given.out, plan, given.workers, lambda done, all_: say(f"simulated {done} of {all_} blocks")
    )
    emulators = learn(
        held[DESIGN], given.out, given.workers, lambda arm: say(f"emulator of {WHO[arm].name}")
    )
    errors = tried(emulators, held[CHECK])
    for line in worst_figures(errors):
        say(f"emulator, errors in standard errors: {line}")
    failed = what_fails_of_emulator(errors)
    covariance = prior_covariance(first_stage())
    root = np.linalg.cholesky(covariance)
    seen = [of_arm(trial, arm.number) for arm in WHO]
    found = np.array([summaries(one) for one in seen])
    luck = np.array([errors_of(one, given.seed) for one in seen])
    sampler = Sampler(emulators, root, given.draws, given.chains)
    samples = sampler(found, luck, given.seed)
    drawn = samples["moved"].reshape(-1, len(MOVED))
    failed += sampler.what_fails()
    np.savez_compressed(given.out / DRAWS, moved=drawn)
    say(f"sampled {len(drawn)} draws")
    ranks, spreads = all_found_again(
        emulators, root, held[CHECK], max(given.draws // 3, 100), given.seed, given.workers
    )
    failed += what_fails_of_ranks(ranks)
    say(f"fitted {len(ranks)} known settings again")
    zero = np.zeros((1, len(MOVED)))
    report = {
        "before": aims(trial, zero, given.seed, *((60, 1) if given.quick else ())),
        "after": aims(
            trial, drawn.mean(axis=0)[None], given.seed, *((60, 1) if given.quick else ())
        ),
        "numbers": told_of(drawn, covariance),
        "misfit": {
            trial: {
                what: round(float(scale), 3)
                for what, scale in zip(("shares", "log ratios"), one, strict=True)
            }
            for trial, one in zip(
                ("START", "X:BOT"), samples["misfit"].mean(axis=(0, 1)), strict=True
            )
        },
        "ridges": ridges(drawn),
        "emulator": worst_figures(errors),
        "inside 90 %": round(float(((ranks >= 0.05) & (ranks <= 0.95)).mean()), 3),
        "found again": {
            name: {
                "mean rank": round(float(ranks[:, k].mean()), 2),
                "inside 90 %": round(
                    float(((ranks[:, k] >= 0.05) & (ranks[:, k] <= 0.95)).mean()), 2
                ),
                "spread over the prior's": round(
                    float(spreads[:, k].mean() / np.sqrt(covariance[k, k])), 2
                ),
            }
            for k, name in enumerate(NAMES)
        },
        "failed": failed,
        "seconds": round(perf_counter() - began),
    }
    (given.out / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    say(f"figures are in {given.out / REPORT}")
    if failed and not given.quick:
        print("error: the fit is refused, and nothing was shipped:", file=sys.stderr)
        for one in failed:
            print(f"  {one}", file=sys.stderr)
        return 1
    if given.ship:
        from ship import ship

        ship(drawn[:, : len(SHIPPED)], trial.size, given.data, given.seed)
        say("the posterior is in the package; solve the intercepts anew (solve_intercepts.py)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
