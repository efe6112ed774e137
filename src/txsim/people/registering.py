"""Thousands of agents handed over to their Mesa model at once.

A Mesa agent registers itself when it is made: with the model, with the set of its kind, with the
set of all. Mesa 3.3 does this one agent at a time, which is a twelfth of a short run of a large
clinic. Here the same sets are made of all agents at once; whatever Mesa it is, the sets are Mesa's
own and hold the same agents in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import mesa
from mesa.agent import AgentSet


def keeps_agents_as_known(model: mesa.Model) -> bool:
    """Whether this Mesa keeps a model's agents as 3.3 does: one dict, and two kinds of sets."""
    kept = vars(model)
    return (
        type(kept.get("_agents")) is dict
        and type(kept.get("_agents_by_type")) is dict
        and type(kept.get("_all_agents")) is AgentSet
        and not kept["_agents"]
    )


class RegistersTogether(mesa.Model):
    """A model whose first agents may be registered together."""

    _waiting: bool = False

    def register_agent(self, agent: mesa.Agent) -> None:
        """Register an agent with the model, as Mesa does; later, while many are being made."""
        if not self._waiting:
            register: Callable[[mesa.Agent], None] = super().register_agent
            register(agent)

    @contextmanager
    def registering(self, together: bool) -> Iterator[list[Sequence[mesa.Agent]]]:
        """A list for all agents made meanwhile, kind by kind; registered at the end of it.

        Unless `together`, or where Mesa keeps its agents otherwise, each registers itself.
        """
        made: list[Sequence[mesa.Agent]] = []
        self._waiting = together and keeps_agents_as_known(self)
        try:
            yield made
            everybody = [agent for kind in made for agent in kind]
            if self._waiting and everybody:
                # Of itself a set takes its chance from its agents' model, as Mesa has it.
                self._agents = dict.fromkeys(everybody)
                self._agents_by_type = {type(kind[0]): AgentSet(kind) for kind in made if kind}
                self._all_agents = AgentSet(everybody)
        finally:
            self._waiting = False
