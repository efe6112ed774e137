"""Which medication a person gets, the visits that carry it, and the dose in force."""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.events import NEVER, Kind, Status
from txsim.randomness import day_key, uniform
from txsim.rules import medication

from .standing import Standing


class Medicated(Standing):
    """A person's medication."""

    def given(self) -> list[int]:
        """The medications of the person's substance that a visit carries, in order."""
        all_ = self.medications
        mine = all_["substance"] == self.p.substance
        return [int(m) for m in np.flatnonzero(mine & (all_["service"] >= 0))]

    def without_medication(self) -> int:
        all_ = self.medications
        mine = (all_["substance"] == self.p.substance) & (all_["service"] < 0)
        return int(np.flatnonzero(mine)[0])

    def wished(self) -> int:
        given = self.given()
        return given[int(self.p.preference * len(given))] if given else -1

    def decide_medication(self) -> None:
        """Drawn by the clinic's shares, or wished for; what was begun is gone on with."""
        p, all_ = self.p, self.medications
        if p.dose_since != NEVER and p.medication >= 0:
            return
        luck = uniform(day_key(p.key, p.since), medication.WHICH_MEDICATION)
        if self.course.by_preference:
            luck = p.preference
        shares = np.where(all_["substance"] == p.substance, all_["assigned"], 0.0)
        if shares.sum() == 0.0:
            p.medication = self.without_medication()
            return
        meant = np.flatnonzero(shares)
        place = np.searchsorted(np.cumsum(shares[meant]) / shares.sum(), luck, side="right")
        p.medication = int(meant[min(place, meant.size - 1)])

    def assign_medication(self) -> None:
        self.decide_medication()
        self.begin_medication()

    def begin_medication(self) -> None:
        p, drug = self.p, self.medication
        p.prefers = bool(drug["service"] >= 0 and p.medication == self.wished())
        p.last_medication, p.supply_days = p.medication, float(drug["days_per_visit"])
        if p.first_medication < 0 and p.status != Status.WAITING:
            p.first_medication = p.medication
        luck = uniform(day_key(p.key, p.since), medication.HELD_ON_LOW_DOSE)
        p.low_dose = luck < drug["low_dose_share"]
        if drug["service"] >= 0:
            self.put_on_agenda(int(drug["service"]))

    def consider_switch(self) -> None:
        """After so many positive urines running, to the one wished for or most are given."""
        p, old, limit = self.p, self.medication, self.course.switch_after_positive_urines
        if limit <= 0 or p.positive_urines_in_a_row < limit or old["service"] < 0:
            return
        assigned = self.medications["assigned"]
        others = [m for m in self.given() if m != p.medication and assigned[m] > 0.0]
        if not others or p.status == Status.AFTERCARE:
            return
        wished = self.wished()
        new = wished if wished in others else max(others, key=lambda m: assigned[m])
        self.take_off_agenda(int(old["service"]))
        p.medication, p.dose_since, p.supplied_until = new, NEVER, NEVER
        p.positive_urines_in_a_row = 0
        self.happen(Kind.SWITCHED, new)
        self.begin_medication()

    def give_dose(self) -> None:
        """An induction, where it is the first dose or too many were missed, and a supply."""
        p, drug, day, course = self.p, self.medication, self.day, self.course
        missed = course.reinduction_after_missed_days
        seen = p.status in (Status.INDUCTION, Status.IN_TREATMENT)
        anew = seen and 0 < missed <= p.missed_doses and p.dose_since != NEVER
        if p.dose_since == NEVER or anew:
            chance = drug["induction_detoxified"] if p.detoxified else drug["induction"]
            if self.luck(medication.INDUCTION_SUCCEEDS) >= chance:
                self.happen(Kind.INDUCTION_FAILED, p.medication)
                self.take_off_agenda(int(drug["service"]))
                p.medication = self.without_medication()
                return
            p.dose_since = day
            self.happen(Kind.INDUCED_ANEW if anew else Kind.FIRST_DOSE, p.medication)
        p.supply_days = self.days_supplied()
        whole, part = int(p.supply_days // 1), p.supply_days % 1.0
        until = day + max(whole + (self.luck(medication.GETS_ONE_MORE) < part), 1)
        if until - day < 7:
            while not self.books.opening_week[until % 7]:
                until += 1
        p.supplied_until = self.due[int(drug["service"])] = until

    def days_supplied(self) -> float:
        """The medication's own rhythm, or the step of the take-home rules for the days in care."""
        p, drug = self.p, self.medication
        held = p.status == Status.INDUCTION and p.reinductions > 0
        own = float(drug["days_per_visit"])
        if not drug["take_home"] or p.status == Status.WAITING or held or p.take_home_lost:
            return own
        reached = [
            float(step["days_per_visit"])
            for step in self.books.take_home
            if self.day - p.since >= step["from_day"]
            and (not step["clean"] or p.negative_urines_in_a_row >= 4)
        ]
        return reached[-1] if reached else own

    def take_dose(self) -> None:
        """Cover: titration and taper while a supply is taken, else fading by its half-life."""
        p, course = self.p, self.course
        drug: Any = self.medication
        if not (p.cover > 0.0 or p.dose_since != NEVER or self.in_care):
            return
        if p.status == Status.TRANSFERRED or p.medicated_in_jail:
            p.cover = float(drug["service"] >= 0)
            return
        supplied = drug["service"] >= 0 and p.dose_since != NEVER and self.day < p.supplied_until
        if supplied and self.luck(medication.TAKES_DOSE) < drug["adherence"]:
            days = self.day - p.dose_since
            p.cover = 1.0
            if days < drug["induction_days"]:
                missing = (1.0 - course.first_dose_effect) * np.exp(
                    -3.0 * days / drug["induction_days"]
                )
                p.cover = float(1.0 - missing)
            if course.taper_days > 0 and days >= course.taper_from_day:
                p.cover *= max(0.0, 1.0 - (days - course.taper_from_day) / course.taper_days)
            p.missed_doses, p.last_contact = 0, self.day
            self.doses[p.medication] += 1.0
            if p.cover <= 0.0:
                self.take_off_agenda(int(drug["service"]))
                p.medication, p.supplied_until = self.without_medication(), NEVER
            return
        p.cover *= course.cover_kept
        p.missed_doses += int(drug["service"] >= 0)
