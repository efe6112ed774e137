"""The likelihood of patients' weeks: a hidden regime of use, urines, visits, and leaving.

Each week in care a patient is in regular use or not, unseen. A regime shows in urines and in visits
kept, and acts, with a missed visit, on leaving at the end of the week. The regimes are summed out
(forward algorithm), so that nothing is simulated and gradients are exact. Rates are per day.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from trial_data import (
    ARMS,
    COVARIATES,
    LENGTH,
    MEDICATION_OF,
    MEDICATIONS,
    PHASE_OF,
    PHASES,
    Trial,
)


def patients(trial: Trial) -> None:
    """The model; all priors are weak, and none looks at the data."""
    arms, drugs = len(ARMS), len(MEDICATIONS)
    normal = dist.Normal
    start = numpyro.sample("start", normal(0.0, 1.5).expand([arms]).to_event(1))
    begins = numpyro.sample("log_begins", normal(-5.3, 1.0).expand([drugs]).to_event(1))
    ends = numpyro.sample("log_ends", normal(-5.0, 1.0).expand([drugs]).to_event(1))
    regular = numpyro.sample("urine_regular", normal(1.0, 1.0).expand([drugs]).to_event(1))
    gap = numpyro.sample("urine_gap", dist.LogNormal(1.2, 0.5).expand([drugs]).to_event(1))
    comes = numpyro.sample("comes", normal(1.5, 1.0).expand([arms]).to_event(1))
    comes_later = numpyro.sample("comes_later", normal(0.0, 1.0))
    comes_regular = numpyro.sample("comes_regular", normal(0.0, 1.0))
    leaves = numpyro.sample("leaves", normal(-5.0, 1.0).expand([arms, len(PHASES)]).to_event(2))
    leaves_regular = numpyro.sample("leaves_regular", normal(0.0, 1.0))
    leaves_missed = numpyro.sample("leaves_missed", normal(0.0, 1.0))
    leaves_by = numpyro.sample("leaves_by", normal(0.0, 0.5).expand([len(COVARIATES)]).to_event(1))
    site_sd = numpyro.sample("site_sd", dist.HalfNormal(0.5))
    sites = int(trial.site.max()) + 1
    of_site = numpyro.sample("of_site", normal(0.0, 1.0).expand([sites]).to_event(1))

    drug = jnp.array(MEDICATION_OF)[trial.arm]
    lasting = jnp.asarray(trial.covariates) @ leaves_by + site_sd * of_site[trial.site]
    # columns: not in regular use, in it
    in_regular = jnp.array([0.0, 1.0])
    urine_logit = jnp.stack([regular - gap, regular], axis=1)[drug]
    log_stays_out = -7.0 * jnp.exp(begins[drug])
    log_stays_in = -7.0 * jnp.exp(ends[drug])
    turn = jnp.stack(
        [
            jnp.stack([log_stays_out, jnp.log(-jnp.expm1(log_stays_out))], axis=1),
            jnp.stack([jnp.log(-jnp.expm1(log_stays_in)), log_stays_in], axis=1),
        ],
        axis=1,
    )
    first = jax.nn.log_sigmoid(jnp.stack([-start, start], axis=1)[trial.arm])

    def week(forward: Any, seen: Any) -> tuple[Any, None]:
        number, phase, attended, urine = seen
        shown = jnp.where(
            (urine >= 0)[:, None],
            -jax.nn.softplus(jnp.where(urine == 1, -1.0, 1.0)[:, None] * urine_logit),
            0.0,
        )
        coming = (comes[trial.arm] + comes_later * number / LENGTH)[:, None]
        coming = coming + comes_regular * in_regular
        kept = -jax.nn.softplus(jnp.where(attended, -1.0, 1.0)[:, None] * coming)
        log_rate = (leaves[trial.arm, phase] + lasting)[:, None] + leaves_regular * in_regular
        log_rate = log_rate + leaves_missed * (1.0 - attended)[:, None]
        log_stays = -7.0 * jnp.exp(jnp.minimum(log_rate, 2.0))
        here = forward + shown + kept
        last = number == trial.weeks - 1
        gone = jnp.log(-jnp.expm1(jnp.minimum(log_stays, -1e-9)))
        over = here + jnp.where(trial.left[:, None], gone, 0.0)
        going_on = jax.scipy.special.logsumexp((here + log_stays)[:, :, None] + turn, axis=1)
        live = (number < trial.weeks)[:, None]
        forward = jnp.where(live, jnp.where(last[:, None], over, going_on), forward)
        return forward, None

    weeks = (
        jnp.arange(LENGTH),
        jnp.array(PHASE_OF),
        jnp.asarray(trial.attended.T),
        jnp.asarray(trial.urine.T),
    )
    forward, _ = jax.lax.scan(week, first, weeks)
    numpyro.factor("weeks", jax.scipy.special.logsumexp(forward, axis=1).sum())
