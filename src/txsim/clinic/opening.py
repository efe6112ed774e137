"""Who is there when a clinic opens, and who will ask: drawn, or known from another clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from txsim.catalogue.vocabulary import HAZARDS
from txsim.clinic.carry import as_they_came, known_to
from txsim.clinic.initial_caseload import draw_present, lasting
from txsim.clinic.past_patients import (
    MOST_LOOKED_BACK_ON,
    NOBODY,
    PastPeople,
    at_most,
    draw_past,
    flows_of,
    past_of,
)
from txsim.compiled.functions import readable
from txsim.parameters.case_mix import own_copy
from txsim.people.arrivals import askers
from txsim.people.own_people import own_people, resemble, rows_alike, with_shares_of_roster
from txsim.people.population import (
    PRESENT,
    People,
    begin_abstinent,
    begin_on_unit,
    blank_people,
    draw_people,
    give_keys,
    joined_people,
    spread_over_sites,
)
from txsim.randomness import hash_of_name, joined
from txsim.state.layout import Array

if TYPE_CHECKING:
    from txsim.clinic.model import Clinic

SAMPLE = 1 << 41
"""Added to the numbers of people who are drawn only to know what is usual."""
SAMPLED = 300


class Everybody(NamedTuple):
    """The people of a clinic: those in care first, then past ones, then those who will ask."""

    people: People
    ago: Array
    """Int: how long ago each of those in care at the opening was admitted, days."""
    past: PastPeople
    """Who left or gave up waiting before the opening."""


class Opening:
    """The people of a clinic that opens, by its design, luck and parameters."""

    def __init__(self, clinic: Clinic) -> None:
        """Draw nobody yet."""
        self.clinic = clinic
        self.design = clinic.design
        self.own = own_people(self.design) if self.design.population.roster else None
        """The people of a roster."""
        name = self.design.population.people
        key = joined(clinic.key, hash_of_name(f"people:{name}")) if name else clinic.key
        self.key = np.uint64(key)
        """The key of all that is random about who comes: the replication's, or of people named."""
        mix = own_copy(clinic.parameters.mix)
        if self.own is not None:
            mix = with_shares_of_roster(mix, self.own)
        self.mix = readable(mix)

    def people(self, origin: Clinic | None = None) -> Everybody:
        """Everybody; those whom the clinic knows already are those of `origin`, if there is one."""
        clinic, none = self.clinic, np.zeros(0, np.int64)
        coming = self._coming()
        if origin is not None:
            return Everybody(joined_people(self._known(origin), coming), none, origin.past)
        if clinic.opening == 0 and clinic.present_at_opening == 0:
            return Everybody(coming, none, draw_past(NOBODY, 0))
        people, ago, leaving = self._present()
        past = self._past(people, leaving)
        return Everybody(joined_people(joined_people(people, self._gone(past)), coming), ago, past)

    def _drawn(self, numbers: Array, days: Array) -> People:
        """People of these numbers who first ask on these days, as the mix has them."""
        people: People = readable(blank_people(self.design, numbers, days))
        give_keys(people, self.key)
        draw_people(self.mix, people)
        return people

    def _coming(self) -> People:
        """Everybody who asks under this design from today on."""
        clinic, arrivals = self.clinic, self.design.arrivals
        cohort = arrivals.cohort is not None
        if arrivals.cohort is not None:
            numbers = np.arange(arrivals.cohort, dtype=np.int64)
            days = np.zeros(numbers.size, np.int32)
        else:
            numbers, days = askers(int(self.key), arrivals.per_week, clinic.opening, clinic.horizon)
        coming = self._drawn(numbers[days >= clinic.day], days[days >= clinic.day])
        if self.own is not None:
            rows = rows_alike(self.own, coming, cohort)
            coming.patients["substance"] = self.own.substance[rows]
            resemble(coming, self.own, rows, self.mix)
        if cohort and self.design.clinic.sites > 1:
            spread_over_sites(readable(coming.patients), self.design.clinic.sites)
        if cohort and arrivals.inpatient_days > 0:
            begin_on_unit(self.mix.who, readable(coming.patients))
        if cohort and arrivals.abstinent_days > 0:
            kept = float(clinic.parameters.scalars[0]["tolerance_kept"])
            begin_abstinent(self.mix.who, readable(coming.patients), arrivals.abstinent_days, kept)
        return coming

    def _known(self, origin: Clinic) -> People:
        """Everybody whom another clinic knows by today, as they came to it.

        What only this design names of people, such as a further diagnosis, is drawn here.
        """
        before = known_to(origin)
        numbers, days = before.patients["person"], before.patients["arrives"]
        people: People = readable(blank_people(self.design, numbers, days))
        people.patients["key"] = before.patients["key"]
        draw_people(self.mix, people)
        as_they_came(people, before, self.design, origin.design)
        return people

    def _past(self, present: People, leaving: Array) -> PastPeople:
        """Who left or gave up waiting before the opening, given who is present."""
        key = int(self.key)
        if not self.design.mechanisms.past_patients or self.design.arrivals.cohort is not None:
            return draw_past(NOBODY, key)
        p = self.clinic.parameters.scalars.view(np.recarray)[0]
        lag = 0.5 * (1.0 + max(float(p.intake_within_days), 1.0))
        asking = self.design.arrivals.per_week / 7.0
        flows = flows_of(self.clinic.parameters, asking, self._sample(), present, leaving)
        days = float(p.asks_again_days)
        most = MOST_LOOKED_BACK_ON * (asking * days + present.patients.size)
        return draw_past(at_most(past_of(flows, days, lag, p), most), key)

    def _sample(self) -> People:
        """People who are drawn only to know what is usual."""
        numbers = SAMPLE + np.arange(SAMPLED, dtype=np.int64)
        return self._drawn(numbers, np.zeros(SAMPLED, np.int32))

    def _gone(self, past: PastPeople) -> People:
        """Past people as they came."""
        days = np.full(past.numbers.size, self.clinic.opening - 1, np.int32)
        people = self._drawn(past.numbers, days)
        people.patients["substance"] = past.substance
        return self._as_on_roster(people)

    def _present(self) -> tuple[People, Array, Array]:
        """Who is in care at the opening, how long ago each was admitted, and rates of leaving."""
        clinic, p, count = self.clinic, self.clinic.parameters, self.clinic.present_at_opening
        numbers = PRESENT + np.arange(count, dtype=np.int64)
        admitted = np.full(count, clinic.opening - 1, np.int32)
        people = readable(blank_people(self.design, numbers, admitted))
        ago, leaving = np.zeros(count, np.int64), np.zeros(count)
        effects = p.feature_effects[:, HAZARDS.index("dropout")]
        usual = float(np.exp((self._sample().features * effects).sum(axis=1)).mean())
        draw_present(
            self.mix,
            people,
            count,
            self.key,
            readable(p.medications),
            lasting(p),
            usual,
            np.zeros((count, len(HAZARDS))),
            np.zeros(count),
            ago,
            leaving,
        )
        return self._as_on_roster(people), ago, leaving

    def _as_on_roster(self, people: People) -> People:
        """The same people, resembling those of the roster where there is one."""
        if self.own is not None:
            resemble(people, self.own, rows_alike(self.own, people, False), self.mix)
        return people
