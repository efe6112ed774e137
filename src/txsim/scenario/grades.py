"""A design that rests on evidence of some grades alone."""

from typing import get_args

from txsim.scenario.design import Scenario, with_before
from txsim.scenario.schema import Effects

GRADES: tuple[str, ...] = get_args(Effects.model_fields["grades"].annotation)
"""What `effects.grades` may be."""


def resting_on(scenario: Scenario, grades: str) -> Scenario:
    """The design with every effect of another grade left out, and so what it changes from.

    Raises ScenarioError for grades that there are not.
    """
    changed = scenario.with_changes(effects={"grades": grades})
    if scenario.before is None:
        return changed
    return with_before(changed, (resting_on(scenario.before, grades),))
