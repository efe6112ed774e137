"""The draws of replications, as comparisons have them."""

import numpy as np

from txsim.parameters.draw import draw_number


def draw_numbers(replications: int) -> np.ndarray:
    """The draw of each of so many replications."""
    return np.asarray(draw_number(np.arange(replications)))
