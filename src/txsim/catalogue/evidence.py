"""Published findings that numbers rest on."""

from __future__ import annotations

from typing import Literal

from txsim.catalogue.plain import Plain


class EvidenceRow(Plain):
    """A published finding that a number rests on."""

    id: str
    """Name by which numbers refer to it."""
    use: Literal["parameter", "calibration-target"]
    """What it may be used for; findings kept for validation are not in the catalogue."""
    population: str = ""
    """Whom it was found in."""
    quantity: str
    """What was measured, or what was found where there is no number."""
    value: float | None = None
    """Point estimate."""
    ci_low: float | None = None
    """Lower 95 % limit."""
    ci_high: float | None = None
    """Upper 95 % limit."""
    n: int | None = None
    """People studied."""
    effect_measure: str = ""
    """Kind and unit of the value."""
    citation: str
    """Where it was published."""
    doi: str = ""
    """Digital object identifier."""
    verified: str
    """How far the row was checked against its publication."""
