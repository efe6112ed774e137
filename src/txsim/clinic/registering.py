"""Thousands of agents handed over to their Mesa model at once, and counted into sets when asked.

A Mesa agent registers itself when it is made: with the model, with the set of its kind, with the
set of all. Mesa 3.3 does this one agent at a time, and sets refer to agents weakly, which costs as
much again when they are given back: together a tenth of a short run of a large clinic. Here the
same sets are made of all agents at once, and not before something looks at them: a batch asks for
the people's rows alone. Whatever Mesa it is, the sets are Mesa's own and hold the same agents in
the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import count
from typing import Any, Self

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


class OnceLookedAt:
    """One of Mesa's collections of a model's agents, complete as soon as something looks at it."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        if model is None:
            return self
        model.register_all()
        return vars(model)[self.name]

    def __set__(self, model: Any, agents: Any) -> None:
        vars(model)[self.name] = agents


class RegistersTogether(mesa.Model):
    """A model whose first agents may be registered together, and of which copies live alone.

    A copy, shallow ones too, has agents of its own with the numbers they had; agents made later in
    it are numbered from there on.
    """

    _waiting: bool = False
    _unregistered: tuple[Sequence[mesa.Agent], ...] = ()
    _agents = OnceLookedAt()
    _agents_by_type = OnceLookedAt()
    _all_agents = OnceLookedAt()

    def register_agent(self, agent: mesa.Agent) -> None:
        """Register an agent with the model, as Mesa does; later, while many are being made."""
        if not self._waiting:
            register: Callable[[mesa.Agent], None] = super().register_agent
            register(agent)

    @contextmanager
    def registering(self, together: bool) -> Iterator[list[Sequence[mesa.Agent]]]:
        """A list for all agents made meanwhile, kind by kind; registered when first looked at.

        Unless `together`, or where Mesa keeps its agents otherwise, each registers itself.
        """
        made: list[Sequence[mesa.Agent]] = []
        self._waiting = together and keeps_agents_as_known(self)
        try:
            yield made
            if self._waiting:
                self._unregistered = tuple(kind for kind in made if kind)
        finally:
            self._waiting = False

    def register_all(self) -> None:
        """Make Mesa's collections of the agents that were made together."""
        kinds, self._unregistered = self._unregistered, ()
        if kinds:
            everybody = [agent for kind in kinds for agent in kind]
            # Of itself a set takes its chance from its agents' model, as Mesa has it.
            self._agents = dict.fromkeys(everybody)
            self._agents_by_type = {type(kind[0]): AgentSet(kind) for kind in kinds}
            self._all_agents = AgentSet(everybody)

    def __copy__(self) -> Self:
        return deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_numbered": max((one.unique_id for one in self.agents), default=0)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        numbered = state.pop("_numbered")
        vars(self).update(state)
        # Mesa 3.3 counts the agents of each model in a table of the class.
        ids = getattr(mesa.Agent, "_ids", None)
        if isinstance(ids, dict):
            ids[self] = count(numbered + 1)
