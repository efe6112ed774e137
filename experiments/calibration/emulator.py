"""An emulator of the engine: the figures of an arm as smooth functions of the numbers moved.

A line with squares carries most of it, and a Gaussian process (scikit-learn) what is left, with
lengths shared by an arm's shares and by its log ratios. What is not known of a figure is one
standard deviation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from arms import WHO
from engine_numbers import of_arm
from summaries import IS_RATIO
from summaries import NAMES as FIGURES

Array = np.ndarray[Any, Any]

RIDGE = 1e-3


@dataclass(frozen=True)
class ArmEmulator:
    """One arm's figures: N settings of D numbers, S figures."""

    numbers: Array
    """Int D: places of the numbers that act here."""
    scale: Array
    """Float D: by which they are divided."""
    settings: Array
    """Float N x D, scaled."""
    line: Array
    """Float (2 D + 1) x S: level, slopes, squares."""
    alpha: Array
    """Float N x S: weights of the process, in the figure's units."""
    inverse_square: Array
    """Float D x 2: of the lengths of the process of shares, and of log ratios."""
    unknown: Array
    """Float S: standard deviation of what it does not know at a setting of the design."""

    def means(self, moved: Any, xp: Any = np) -> Any:
        """Expected figures at one setting of all numbers; `xp` is numpy or jax.numpy."""
        x = moved[self.numbers] / self.scale
        straight = xp.concatenate([xp.ones(1), x, x * x]) @ self.line
        far = (self.settings - x) ** 2 @ self.inverse_square
        near = xp.exp(-0.5 * far)
        of_shares, of_ratios = near[:, 0] @ self.alpha, near[:, 1] @ self.alpha
        return straight + xp.where(IS_RATIO, of_ratios, of_shares)


def basis(x: Array) -> Array:
    """Level, slopes and squares of settings."""
    return np.concatenate([np.ones((len(x), 1)), x, x * x], axis=1)


def process_of(x: Array, rest: Array) -> tuple[Array, Array, Array]:
    """Weights, inverse square lengths and what is unknown of the remainders of some figures.

    They share the lengths of the process, so that one fit does for all of a kind.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    unit = np.maximum(rest.std(axis=0), 1e-9)
    kernel = ConstantKernel(0.2, (1e-4, 10.0)) * RBF(np.full(x.shape[1], 4.0), (1.0, 50.0))
    kernel += WhiteKernel(0.8, (1e-3, 2.0))
    model = GaussianProcessRegressor(kernel, normalize_y=False, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, rest / unit)
    found = model.kernel_.k1
    # the process at the settings themselves, without the luck of each run
    known = model.predict(x, return_std=True)[1] ** 2
    known = known.reshape(len(x), -1)[:, 0] - model.kernel_.k2.noise_level
    noise = model.kernel_.k2.noise_level
    # and the line's own error, by its share of the settings' luck
    of_line = noise * (2 * x.shape[1] + 1) / len(x)
    unknown = unit * float(np.sqrt(np.mean(np.maximum(known, 0.0)) + of_line))
    alpha = np.asarray(model.alpha_).reshape(len(x), -1)
    return unit * found.k1.constant_value * alpha, 1.0 / found.k2.length_scale**2, unknown


def learn_arm(arm: int, settings: Array, found: Array) -> ArmEmulator:
    """Fit one arm's figures (settings x S) to settings of all numbers."""
    numbers = of_arm(WHO[arm])
    scale = settings[:, numbers].std(axis=0)
    x = settings[:, numbers] / scale
    b = basis(x)
    penalty = RIDGE * len(x) * np.eye(b.shape[1])
    penalty[0, 0] = 0.0
    line = np.linalg.solve(b.T @ b + penalty, b.T @ found)
    rest = found - b @ line
    alpha, unknown = np.zeros((len(x), found.shape[1])), np.zeros(found.shape[1])
    inverse_square = np.zeros((len(numbers), 2))
    for kind in (0, 1):
        of_kind = bool(kind) == IS_RATIO
        alpha[:, of_kind], inverse_square[:, kind], unknown[of_kind] = process_of(
            x, rest[:, of_kind]
        )
    return ArmEmulator(numbers, scale, x, line, alpha, inverse_square, unknown)


def learn(
    design: dict[str, Array], folder: Path, workers: int, progress: Callable[[int], None]
) -> list[ArmEmulator]:
    """The emulators of all arms, kept in the folder of the simulated figures."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    found: dict[int, ArmEmulator] = {}
    kept = {arm: folder / f"emulator-{arm}.npz" for arm in range(len(WHO))}
    for arm, place in kept.items():
        if place.is_file():
            held = np.load(place)
            found[arm] = ArmEmulator(**{name: held[name] for name in held.files})
    missing = [arm for arm in kept if arm not in found]
    if missing:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
            waiting = {
                executor.submit(learn_arm, arm, design["settings"], design["found"][:, arm]): arm
                for arm in missing
            }
            for one in as_completed(waiting):
                arm = waiting[one]
                found[arm] = one.result()
                np.savez_compressed(kept[arm], **vars(found[arm]))
                progress(arm)
    return [found[arm] for arm in range(len(WHO))]


def tried(emulators: list[ArmEmulator], check: dict[str, Array]) -> Array:
    """Errors on settings not learnt from, in standard errors of what was simulated there.

    Settings x arms x figures; about 1 in size when the emulator adds nothing to the luck of a run.
    """
    errors = np.empty(check["found"].shape)
    for k, moved in enumerate(check["settings"]):
        for a, one in enumerate(emulators):
            luck = np.diagonal(check["errors"][k, a])
            spread = np.sqrt(luck + one.unknown**2)
            errors[k, a] = (check["found"][k, a] - one.means(moved)) / spread
    return errors


def worst_figures(errors: Array) -> list[str]:
    """Each arm's figures by the size of their errors, largest first, for people."""
    size = np.sqrt((errors**2).mean(axis=0))
    lines = []
    for a, arm in enumerate(WHO):
        order = np.argsort(-size[a])[:3]
        told = ", ".join(f"{FIGURES[s]} {size[a, s]:.2f}" for s in order)
        lines.append(f"{arm.name}: all {np.sqrt((errors[:, a] ** 2).mean()):.2f}; {told}")
    return lines
