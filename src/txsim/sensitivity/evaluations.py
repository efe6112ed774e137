"""What each setting came to, kept as it is run, so that a study can be taken up again.

A study's file begins with a digest of all that its figures depend on. Below stands a line for each
setting and replication. A file of another study is refused, and a line that was cut off is run
again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.errors import OutputError, TxsimError
from txsim.outcomes.measure import measure
from txsim.run import replicate
from txsim.sensitivity.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from txsim.run import Run
    from txsim.scenario import Scenario
    from txsim.workers import Failure

Array = np.ndarray[Any, Any]
Key = tuple[str, int]
"""Digest of a setting, and a replication."""

MODEL = (
    "catalogue", "clinic", "compiled", "outcomes", "parameters", "people", "rules", "scenario",
    "state", "economics.py", "randomness.py", "run.py", "units.py",
)  # fmt: skip
"""Rooms of the package that figures come from."""

EVALUATIONS = "evaluations.jsonl"


def of_interest(outcomes: Sequence[str], run: Run) -> list[float]:
    """The wanted outcomes of a run, everyone's."""
    measured = measure(run)
    return [measured.value(one) for one in outcomes]


class Evaluations:
    """Outcomes of designs by setting and replication: found in a file, or run and put there."""

    def __init__(
        self,
        designs: Sequence[Scenario],
        outcomes: Sequence[str],
        replications: int,
        seed: int,
        folder: Path | None,
        workers: int | None = None,
        executor: Executor | None = None,
        force: bool = False,
    ) -> None:
        """Read what is kept in the folder. Raises OutputError for that of another study."""
        self.designs, self.outcomes = list(designs), tuple(outcomes)
        self.replications, self.seed = replications, seed
        self.workers, self.executor = workers, executor
        self.file = None if folder is None else folder / EVALUATIONS
        self.run_anew = 0
        """Runs of a design that were made here, and not found in the file."""
        self.failures: list[Failure] = []
        self._kept: dict[Key, Array] = {}
        if self.file is not None:
            self._open(self.file, force)

    @property
    def digest(self) -> str:
        """Settled by the designs, the outcomes, the seed and the model, wherever it is run."""
        said = [[one.digest for one in self.designs], self.outcomes, self.seed, model_version()]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def of(
        self,
        settings: Sequence[Mapping[str, float]],
        progress: Callable[[int, int], None] | None = None,
    ) -> Array:
        """Outcomes: settings x replications x designs x outcomes; nan where a run failed."""
        source = Settings(settings, self.replications)
        keys = [(setting.digest, one) for setting in source.settings for one in range(source.each)]
        places = {key: place for place, key in enumerate(keys)}
        missing = sorted(place for key, place in places.items() if key not in self._kept)
        if missing:
            self._run(source, keys, missing, progress)
        elif progress:
            progress(len(keys), len(keys))
        shape = (len(self.designs), len(self.outcomes))
        nothing = np.full(shape, np.nan)
        found = np.array([self._kept.get(key, nothing) for key in keys])
        return found.reshape(len(settings), source.each, *shape)

    def _run(
        self,
        source: Settings,
        keys: Sequence[Key],
        missing: Sequence[int],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        """Run what is missing, a line of the file for each as it arrives."""

        def keep(place: int, observed: list[list[float]]) -> None:
            self._kept[keys[place]] = np.array(observed, float)
            self.run_anew += len(self.designs)
            self._write(keys[place])

        replicate(
            self.designs,
            len(missing),
            self.seed,
            partial(of_interest, self.outcomes),
            workers=self.workers,
            executor=self.executor,
            progress=progress,
            keep=keep,
            draws=Missing(source, missing),
            failed=self.failures.append,
        )

    def _open(self, file: Path, force: bool) -> None:
        head = {"format": 1, "study": self.digest}
        try:
            if file.exists() and not force:
                self._read(file, head)
                return
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(head) + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{file}: cannot be used ({error.strerror or error})") from None

    def _read(self, file: Path, head: Mapping[str, Any]) -> None:
        whole = file.read_bytes()
        lines = whole[: whole.rfind(b"\n") + 1]
        if len(lines) < len(whole):  # the last line was cut off
            file.write_bytes(lines)
        shape = (len(self.designs), len(self.outcomes))
        try:
            first, *rest = lines.decode().splitlines()
            if json.loads(first) != head:
                raise OutputError(
                    f"{file}: holds runs of another study, of other designs, another seed or "
                    "another version of txsim; name another folder, or use --force to begin anew"
                )
            for line in rest:
                setting, again, values = json.loads(line)
                self._kept[str(setting), int(again)] = np.array(values, float).reshape(shape)
        except (ValueError, TypeError) as error:
            raise OutputError(
                f"{file}: is no file of kept runs ({type(error).__name__}); use --force to replace "
                "it"
            ) from None

    def _write(self, key: Key) -> None:
        if self.file is None:
            return
        try:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([*key, self._kept[key].tolist()]) + "\n")
        except OSError as error:
            reason = error.strerror or error
            raise TxsimError(f"{self.file}: cannot be written to ({reason})") from None


class Missing(Settings):
    """Those trials of some settings that are still to be run, under their own places."""

    def __init__(self, source: Settings, places: Sequence[int]) -> None:
        """`places` are those of trials among all."""
        self.name, self.digest = source.name, source.digest
        self.settings, self.each = source.settings, source.each
        self.places = list(places)

    def luck(self, seed: int, replication: int) -> Any:
        """The trial at a place among the missing."""
        return super().luck(seed, self.places[replication])


@cache
def model_version() -> str:
    """A digest of everything in the package that figures come from."""
    digest = hashlib.sha256()
    package = Path(str(files("txsim")))
    for room in MODEL:
        place = package / room
        for file in sorted(place.rglob("*.*")) if place.is_dir() else [place]:
            if file.suffix in (".py", ".toml"):
                digest.update(file.relative_to(package).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
