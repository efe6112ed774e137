"""Weighted sums of rows: the effects of all drivers on all hazards, hazards side by side.

Compiled, the running sums stay in the processor's wide registers. Loops over arrays cannot keep
them there, because the compiler does not know that the arrays do not overlap. Numbers are added in
the order of the rows, so every machine gets the same sums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload

Array = np.ndarray[Any, Any]

WIDEST = 8
"""Floats in the widest register of a processor."""

AddRows = Callable[[Array, Array, Array], None]


def lanes_for(columns: int) -> int:
    """Columns of a table that is summed: a whole number of wide registers, and room for these."""
    return -(-columns // WIDEST) * WIDEST


def adder_of_rows(lanes: int) -> AddRows:
    """A function for rules that adds weighted rows of so many columns."""

    def add_weighted_rows(sums: Array, weights: Array, rows: Array) -> None:
        """Add to `sums` each row times its weight; there may be more weights than rows."""
        for weight, row in zip(weights, rows, strict=False):
            sums += weight * row

    add_rows = _for_addresses(lanes)

    def of_arrays(sums: Any, weights: Any, rows: Any) -> Any:
        def compiled(sums: Any, weights: Any, rows: Any) -> None:
            add_rows(sums.ctypes.data, weights.ctypes.data, rows.ctypes.data, rows.shape[0])

        return compiled

    overload(add_weighted_rows)(of_arrays)
    return add_weighted_rows


def _for_addresses(lanes: int) -> Any:
    """The same for the addresses of contiguous arrays, and how many rows there are."""
    vector = ir.VectorType(ir.DoubleType(), lanes)
    as_vector = vector.as_pointer()

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        own, of_weights, of_rows = (
            builder.inttoptr(address, ir.DoubleType().as_pointer()) for address in values[:3]
        )
        own = builder.bitcast(own, as_vector)
        # Arrays of floats promise no more than the alignment of a float.
        total = cgutils.alloca_once_value(builder, builder.load(own, align=8))
        undefined = ir.Constant(vector, ir.Undefined)
        first = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
        with cgutils.for_range(builder, values[3]) as loop:
            weight = builder.load(builder.gep(of_weights, [loop.index]))
            one = builder.insert_element(undefined, weight, ir.Constant(ir.IntType(32), 0))
            # Steps are counted in floats: between vectors there might be gaps.
            start = builder.gep(of_rows, [builder.mul(loop.index, loop.index.type(lanes))])
            row = builder.load(builder.bitcast(start, as_vector), align=8)
            part = builder.fmul(builder.shuffle_vector(one, undefined, first), row)
            builder.store(builder.fadd(builder.load(total), part), total)
        builder.store(builder.load(total), own, align=8)
        return context.get_dummy_value()

    @intrinsic
    def add_rows(typing: Any, sums: Any, weights: Any, rows: Any, count: Any) -> Any:
        return types.none(types.intp, types.intp, types.intp, types.intp), generate

    return add_rows
