"""Weighted sums of rows: the effects of all drivers on all hazards, hazards side by side.

Compiled, the running sums stay in the processor's wide registers. Loops over arrays cannot keep
them there, because the compiler does not know that the arrays do not overlap. Numbers are added in
the order of the rows, so every machine gets the same sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload

Array = np.ndarray[Any, Any]

LANES = 16
"""Columns of the tables that are summed: a whole number of wide registers, and room for every
hazard."""

VECTOR = ir.VectorType(ir.DoubleType(), LANES)


def add_weighted_rows(sums: Array, weights: Array, rows: Array) -> None:
    """Add to `sums` each row times its weight.

    `sums` are LANES floats and `rows` as many in each row; there may be more weights than rows.
    """
    for weight, row in zip(weights, rows, strict=False):
        sums += weight * row


@intrinsic
def _add_rows(typing: Any, sums: Any, weights: Any, rows: Any, count: Any) -> Any:
    """The same for the addresses of contiguous arrays, and how many rows there are."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        own, of_weights, of_rows = (
            builder.inttoptr(address, kind.as_pointer())
            for address, kind in zip(values[:3], (VECTOR, ir.DoubleType(), VECTOR), strict=True)
        )
        # Arrays of floats promise no more than the alignment of a float.
        total = cgutils.alloca_once_value(builder, builder.load(own, align=8))
        undefined = ir.Constant(VECTOR, ir.Undefined)
        first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        with cgutils.for_range(builder, values[3]) as loop:
            weight = builder.load(builder.gep(of_weights, [loop.index]))
            one = builder.insert_element(undefined, weight, ir.Constant(ir.IntType(32), 0))
            row = builder.load(builder.gep(of_rows, [loop.index]), align=8)
            part = builder.fmul(builder.shuffle_vector(one, undefined, first), row)
            builder.store(builder.fadd(builder.load(total), part), total)
        builder.store(builder.load(total), own, align=8)
        return context.get_dummy_value()

    return types.none(types.intp, types.intp, types.intp, types.intp), generate


@overload(add_weighted_rows)
def _add_weighted_rows(sums: Any, weights: Any, rows: Any) -> Any:
    def compiled(sums: Any, weights: Any, rows: Any) -> None:
        _add_rows(sums.ctypes.data, weights.ctypes.data, rows.ctypes.data, rows.shape[0])

    return compiled
