"""A clinic as it stands on a morning: kept in memory, sent to another process, or put into a file.

A file holds arrays and a line of JSON, never code, so that reading one runs nothing. What follows
from the scenario and the draw (the tables of parameters) is not in it. A clinic whose people come
from a roster is not put into files: its rows are people's.
"""

from __future__ import annotations

import hashlib
import io
import json
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zipfile import BadZipFile

import numba
import numpy as np

from txsim.clinic.accounts import Account, Tallies
from txsim.clinic.past_patients import PastPeople
from txsim.compiled.functions import RULES
from txsim.errors import OutputError, TxsimError
from txsim.parameters.draw import Luck
from txsim.parameters.tables import Parameters, parameters_of
from txsim.saving import write_whole
from txsim.state.events import EVENT
from txsim.state.layout import Array, ClinicState
from txsim.state.patient import PATIENT
from txsim.state.records import DAY_ROW, MEDICATION, ROLE, SERVICE
from txsim.state.scalars import SCALARS
from txsim.state.staff_member import STAFF

if TYPE_CHECKING:
    from txsim.clinic.model import Clinic
    from txsim.scenario import Scenario

FORMAT = 1
HEADER = "header"
RECORDS = (PATIENT, STAFF, SCALARS, MEDICATION, SERVICE, ROLE, EVENT, DAY_ROW)
PEOPLE = ("features", "burdens", "came_with")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that settles how a clinic goes on but its scenario: state, people, accounts, luck."""

    design: str
    """Digest of the scenario."""
    luck: Luck
    opening: int
    day: int
    present_at_opening: int
    service_names: tuple[str, ...]
    state: ClinicState
    features: Array
    burdens: Array
    came_with: Array
    past: PastPeople
    closed: tuple[Account, ...]
    """Accounts of the days that were paid so far under earlier designs."""
    opened: tuple[int, Tallies] | None
    roster: bool
    """Whether its people come from a roster."""

    @classmethod
    def of(cls, clinic: Clinic) -> Self:
        """The clinic as it stands; what it does later leaves the snapshot as it is."""
        return cls(
            design=clinic.design.digest,
            luck=Luck(clinic.seed, clinic.replication, clinic.draw),
            opening=clinic.opening,
            day=clinic.day,
            present_at_opening=clinic.present_at_opening,
            service_names=clinic.service_names,
            state=deepcopy(clinic.state),
            features=clinic.people.features.copy(),
            burdens=clinic.people.burdens.copy(),
            came_with=clinic.came_with.copy(),
            past=clinic.past,
            closed=clinic._closed,
            opened=clinic._opened,
            roster=clinic.design.population.roster is not None,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it."""
        digest = hashlib.sha256(json.dumps(self._header(), sort_keys=True).encode())
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            # Field by field: what lies between the fields of a record is nothing.
            parts = [array[field] for field in array.dtype.names or ()] or [array]
            for part in parts:
                digest.update(part.tobytes())
        return digest.hexdigest()

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write it into a file, whole or not at all.

        Raises OutputError where that cannot be done, TxsimError for people of a roster.
        """
        if self.roster:
            raise TxsimError("a clinic whose people come from a roster is not put into a file")
        held = io.BytesIO()
        header = json.dumps({**self._header(), "digest": self.digest}, sort_keys=True).encode()
        arrays = {**self._arrays(), HEADER: np.frombuffer(header, np.uint8)}
        np.savez_compressed(held, allow_pickle=False, **arrays)
        try:
            write_whole(Path(path), held.getvalue(), force=force)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from None

    def _header(self) -> dict[str, Any]:
        luck, opened = self.luck, self.opened
        return {
            "format": FORMAT,
            "rules": RULES,
            "design": self.design,
            "seed": luck.seed,
            "replication": luck.replication,
            "draw": luck.draw.digest,
            "opening": self.opening,
            "day": self.day,
            "present_at_opening": self.present_at_opening,
            "service_names": list(self.service_names),
            "closed": [[one.scenario.digest, one.days, _counts(one.used)] for one in self.closed],
            "opened": None if opened is None else [opened[0], _counts(opened[1])],
        }

    def _arrays(self) -> dict[str, Array]:
        """Every array by the name that it has in a file."""
        found = {
            f"state.{name}": getattr(self.state, name)
            for name, one in ClinicState.declared().items()
            if not one.follows
        }
        found |= {name: getattr(self, name) for name in PEOPLE}
        found |= {f"past.{one.name}": getattr(self.past, one.name) for one in fields(PastPeople)}
        tallies = {f"closed.{at}": one.used for at, one in enumerate(self.closed)}
        if self.opened is not None:
            tallies["opened"] = self.opened[1]
        for whose, used in tallies.items():
            found |= {
                f"{whose}.services": used.services,
                f"{whose}.roles": used.roles,
                f"{whose}.medication_days": used.medication_days,
            }
        # Record arrays are the same memory under another type.
        return {name: array.view(np.ndarray) for name, array in found.items()}


def read_snapshot(
    path: str | Path, scenario: Scenario, luck: Luck, before: tuple[Scenario, ...] = ()
) -> Snapshot:
    """Read a snapshot of a clinic of this scenario and luck.

    `before` are the designs by which it was run until then, where there are any. Raises TxsimError
    for a file that is no snapshot, was damaged, was written by other rules of the model, or is of
    another scenario, luck or draw.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(HEADER).tobytes())
        written = header.pop("digest")
    except OSError as error:
        raise TxsimError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile):
        raise TxsimError(f"{path}: is no snapshot of a clinic") from None
    wanted = {
        "format": FORMAT,
        "rules": RULES,
        "design": scenario.digest,
        "seed": luck.seed,
        "replication": luck.replication,
        "draw": luck.draw.digest,
    }
    for key, value in wanted.items():
        if header.get(key) != value:
            raise TxsimError(
                f"{path}: is a snapshot of another {key} (got {header.get(key)}, allowed {value})"
            )
    try:
        found = _put_together(header, arrays, scenario, luck, before)
        whole = found.digest == written
    except (KeyError, ValueError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise TxsimError(f"{path}: the snapshot is damaged; make it again")
    return found


def _put_together(
    header: dict[str, Any],
    arrays: dict[str, Array],
    scenario: Scenario,
    luck: Luck,
    before: tuple[Scenario, ...],
) -> Snapshot:
    names = tuple(header["service_names"])
    parameters = parameters_of(scenario, luck.draw, names)
    designs = {one.digest: one for one in (scenario, *before)}
    opened = header["opened"]
    return Snapshot(
        design=header["design"],
        luck=luck,
        opening=header["opening"],
        day=header["day"],
        present_at_opening=header["present_at_opening"],
        service_names=names,
        state=_state(arrays, parameters),
        **{name: arrays[name] for name in PEOPLE},
        past=PastPeople(**{one.name: arrays[f"past.{one.name}"] for one in fields(PastPeople)}),
        closed=tuple(
            Account(designs[design], days, _tallies(arrays, f"closed.{at}", counts))
            for at, (design, days, counts) in enumerate(header["closed"])
        ),
        opened=None if opened is None else (opened[0], _tallies(arrays, "opened", opened[1])),
        roster=False,
    )


def _state(arrays: dict[str, Array], parameters: Parameters) -> ClinicState:
    state = ClinicState.of(
        {
            name: getattr(parameters, name) if one.follows else _aligned(arrays[f"state.{name}"])
            for name, one in ClinicState.declared().items()
        }
    )
    return state.plain() if numba.config.DISABLE_JIT else state


def _aligned(array: Array) -> Array:
    """An array of records as compiled rules know them; files forget that records are aligned."""
    return next((array.view(kind) for kind in RECORDS if array.dtype == kind), array)


def _counts(tallies: Tallies) -> list[float]:
    """What of tallies is a single number."""
    return [tallies.urines, tallies.inpatient_days]


def _tallies(arrays: dict[str, Array], whose: str, counts: list[float]) -> Tallies:
    return Tallies(
        arrays[f"{whose}.services"],
        arrays[f"{whose}.roles"],
        arrays[f"{whose}.medication_days"],
        *counts,
    )
