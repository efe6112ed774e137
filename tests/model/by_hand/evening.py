"""The clinic's evening by hand: who sat with whom, whom they know by it, and what they hear."""

from __future__ import annotations

import numpy as np

from txsim.events import Status
from txsim.rules.books import RECENT_USE, Books


def company_by_hand(books: Books, i: int) -> float:
    """How far those one knows use more than is neutral, by the strength of ties; weak ones less."""
    known = books.strength[i] > 0.0
    others, strength = books.ties[i][known], books.strength[i][known]
    there = ~np.isin(books.patients["status"][others], (Status.DIED, Status.JAILED))
    more = books.drivers[others, RECENT_USE] - books.course[0]["company_neutral"]
    total = float((strength * more)[there].sum())
    return total / max(1.0, float(strength[there].sum()))


def tables_by_hand(books: Books, s: int) -> list[list[int]]:
    """Who sits with whom: group after group in the order of coming, or those who use apart."""
    came = [int(one) for one in books.table[s, : int(books.services[s]["came_today"])]]
    seats = max(int(books.services[s]["seats"]), 1)
    rooms = [came]
    if books.services[s]["apart"]:
        uses = {i: books.drivers[i, RECENT_USE] > books.course[0]["still_using"] for i in came}
        rooms = [[i for i in came if not uses[i]], [i for i in came if uses[i]]]
    return [room[at : at + seats] for room in rooms for at in range(0, len(room), seats)]


class TiesByHand:
    """Ties and cohesion as they are after the day's groups, worked out with a table of names."""

    def __init__(self, books: Books) -> None:
        self.most = books.ties.shape[1]
        self.part = float(books.course[0]["tie_per_session"])
        self.ties: list[list[list[float]]] = [
            [[int(other), float(tie)] for other, tie in zip(*row, strict=True)]
            for row in zip(books.ties, books.strength, strict=True)
        ]
        self.cohesion = books.cohesion.copy()

    def strength(self, i: int, other: int) -> float:
        return next((tie for one, tie in self.ties[i] if one == other), 0.0)

    def sit(self, s: int, group: list[int]) -> None:
        if self.cohesion.shape[1]:
            for i in group:
                total = sum(self.strength(i, other) for other in group if other != i)
                self.cohesion[i, s] = total / max(len(group) - 1, 1)
        for place, a in enumerate(group):
            for b in group[place + 1 :]:
                self.meet(a, b)
                self.meet(b, a)

    def meet(self, i: int, other: int) -> None:
        for tie in self.ties[i]:
            if tie[0] == other:
                tie[1] += (1.0 - tie[1]) * self.part
                return
        weakest = min(self.ties[i], key=lambda tie: tie[1])
        if weakest[1] < self.part:
            weakest[:] = [other, self.part]
