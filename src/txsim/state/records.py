"""Records as classes: each field is named once, with the type that rules know it by."""

from __future__ import annotations

from typing import Annotated, Any, get_type_hints

import numpy as np

F8 = Annotated[float, "f8"]
I8 = Annotated[int, "i8"]
U8 = Annotated[int, "u8"]


def layout_of(row: type) -> np.dtype[Any]:
    """The layout of records with the fields that a class annotates, in that order."""
    hints = get_type_hints(row, include_extras=True)
    return np.dtype([(name, hint.__metadata__[0]) for name, hint in hints.items()], align=True)
