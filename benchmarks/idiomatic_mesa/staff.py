"""Staff: one agent a post, whoever fills it."""

from __future__ import annotations

from math import exp, expm1
from typing import TYPE_CHECKING

import mesa

from benchmarks.idiomatic_mesa.numbers import Role

if TYPE_CHECKING:
    from benchmarks.idiomatic_mesa.clinic import Clinic


MOST_LOAD = 2.0
"""Most that the minutes asked for over those staffed count."""


class Team:
    """All posts of one role, and the minutes they give today."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.staffed = 0.0
        self.used = 0.0
        self.asked = 0.0
        self.spare = 0.0
        self.load = 0.0
        self.asked_mean = 0.0
        self.staffed_mean = 0.0
        self.minutes_staffed = 0.0
        self.minutes_used = 0.0
        self.departures = 0
        self.vacant_days = 0.0

    @property
    def room(self) -> float:
        """Minutes nobody has taken yet."""
        return max(self.staffed - self.used, 0.0)

    def begin_day(self) -> None:
        self.staffed = self.used = self.asked = self.spare = 0.0

    def end_day(self, is_open: bool) -> None:
        """Minutes asked for over minutes staffed, averaged over a month, drive turnover."""
        self.minutes_staffed += self.staffed
        self.minutes_used += self.used
        if is_open:
            self.asked_mean += 0.03 * (self.asked - self.asked_mean)
            self.staffed_mean += 0.03 * (self.staffed - self.staffed_mean)
            asked, staffed = self.asked_mean, max(self.staffed_mean, 1e-9)
            self.load = min(asked / staffed, MOST_LOAD) if asked > 0.0 else 0.0


class Worker(mesa.Agent):
    """One post: filled or vacant, at work or off sick, with a caseload."""

    model: Clinic

    def __init__(self, model: Clinic, team: Team, post: float) -> None:
        super().__init__(model)
        self.team = team
        self.post = post
        self.present = True
        self.vacant_until = -1
        self.caseload = 0

    @property
    def has_room(self) -> bool:
        """Present, and within the caseload a worker may carry."""
        limit = self.team.role.caseload
        return self.present and (limit <= 0.0 or self.caseload + 1 <= limit * self.post)

    def step(self) -> None:
        """Leave, be replaced, be sick, or give the day's minutes."""
        model, team, role = self.model, self.team, self.team.role
        if not self.present and model.day >= self.vacant_until:
            self.present = True
        elif self.present:
            log_rate = role.turnover
            overload = team.load - model.overload_from
            if overload > 0.0:
                log_rate += model.turnover_overload * min(overload, 1.0)
            if self.random.random() < -expm1(-exp(log_rate)):
                self.leave()
        if not self.present:
            team.vacant_days += self.post
        elif self.random.random() >= role.sick and model.is_open:
            team.staffed += self.post * role.minutes_a_day

    def leave(self) -> None:
        """The post is vacant for the hiring lag, and the patients go to somebody else."""
        model = self.model
        self.present = False
        self.vacant_until = model.day + self.team.role.hiring_lag
        self.team.departures += 1
        model.today["departures"] += 1
        if self.team.role.is_key_worker:
            for patient in model.patients:
                if patient.key_worker is self:
                    patient.lose_key_worker()
