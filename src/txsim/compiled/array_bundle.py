"""Many arrays handed to compiled rules as one thing.

A tuple of forty arrays is copied at every call of a compiled function and makes compiling slow. An
`ArrayBundle` is an ordinary frozen dataclass of NumPy arrays in Python; compiled code receives the
address of a small table of where the arrays lie, and `bundle.name` reads the entry. So rules take
`state` as one argument and stay short.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, typeof_impl, unbox
from numba.np import arrayobj, numpy_support


@dataclass(frozen=True, eq=False)
class ArrayBundle:
    """Base of dataclasses whose fields are all C-contiguous NumPy arrays.

    A copy (`copy.copy`, `copy.deepcopy`, `pickle`) has arrays of its own, as copies of arrays have;
    `dataclasses.replace` shares those it is not given. Raises ValueError for an array that is not
    contiguous.
    """

    def __post_init__(self) -> None:
        self._table()

    def _table(self) -> np.ndarray[Any, Any]:
        """Where the arrays lie and how long they are, found once for the life of this bundle."""
        held: np.ndarray[Any, Any] | None = self.__dict__.get("_laid")
        if held is not None:
            return held
        table: list[int] = []
        for one in fields(self):
            array = getattr(self, one.name)
            if not array.flags.c_contiguous:
                raise ValueError(f"{one.name} is not contiguous")
            table += [array.ctypes.data, *array.shape]
        # Compiled code may hold the address of a table that another thread laid first.
        laid: np.ndarray[Any, Any] = self.__dict__.setdefault("_laid", np.array(table, np.int64))
        return laid

    @property
    def address(self) -> int:
        """Where the table of arrays lies."""
        return int(self._table().ctypes.data)

    def __getstate__(self) -> dict[str, Any]:
        """All but the table, which says where these arrays lie and no copy's."""
        return {name: held for name, held in vars(self).items() if name != "_laid"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over arrays, each as compiled code can write to it, and lay their table anew."""
        vars(self).update(state)
        for one in fields(self):
            array = getattr(self, one.name)
            if not array.flags.carray:
                object.__setattr__(self, one.name, array.copy(order="C"))
        self._table()

    def __copy__(self) -> Self:
        return deepcopy(self)


class ArrayBundleType(types.Type):
    """The compiled view of a bundle: a pointer to its table."""

    def __init__(self, arrays: tuple[tuple[str, types.Array], ...]) -> None:
        self.arrays = dict(arrays)
        self.places: dict[str, int] = {}
        place = 0
        for name, array in arrays:
            self.places[name] = place
            place += 1 + array.ndim
        super().__init__(
            name=f"ArrayBundle({', '.join(f'{name}: {array}' for name, array in arrays)})"
        )


@register_default(ArrayBundleType)
class _ArrayBundleModel(models.PrimitiveModel):
    def __init__(self, manager: Any, bundle: ArrayBundleType) -> None:
        super().__init__(manager, bundle, ir.IntType(64).as_pointer())


_types: dict[tuple[Any, ...], ArrayBundleType] = {}


@typeof_impl.register(ArrayBundle)
def _typeof_bundle(bundle: ArrayBundle, context: Any) -> ArrayBundleType:
    arrays = [(one.name, getattr(bundle, one.name)) for one in fields(bundle)]
    key = tuple((name, array.dtype, array.ndim) for name, array in arrays)
    if key not in _types:
        _types[key] = ArrayBundleType(
            tuple(
                (name, types.Array(numpy_support.from_dtype(array.dtype), array.ndim, "C"))
                for name, array in arrays
            )
        )
    return _types[key]


@unbox(ArrayBundleType)
def _unbox_bundle(bundle: ArrayBundleType, thing: Any, context: Any) -> NativeValue:
    address = context.pyapi.object_getattr_string(thing, "address")
    number = context.pyapi.long_as_longlong(address)
    context.pyapi.decref(address)
    return NativeValue(context.builder.inttoptr(number, ir.IntType(64).as_pointer()))


@infer_getattr
class _ArraysOfBundle(AttributeTemplate):
    key = ArrayBundleType

    def generic_resolve(self, bundle: ArrayBundleType, name: str) -> types.Array | None:
        return bundle.arrays.get(name)


@lower_getattr_generic(ArrayBundleType)
def _array_of_bundle(
    context: Any, builder: Any, bundle: ArrayBundleType, pointer: Any, name: str
) -> Any:
    kind = bundle.arrays[name]
    place = bundle.places[name]

    def entry(offset: int) -> Any:
        return builder.load(cgutils.gep_inbounds(builder, pointer, place + offset))

    data_type = context.get_data_type(kind.dtype)
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(data_type))
    shape = [entry(1 + axis) for axis in range(kind.ndim)]
    strides: list[Any] = []
    stride = itemsize
    for length in reversed(shape):
        strides.insert(0, stride)
        stride = builder.mul(stride, length)
    array = arrayobj.make_array(kind)(context, builder)
    arrayobj.populate_array(
        array,
        data=builder.inttoptr(entry(0), data_type.as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=itemsize,
        meminfo=None,
    )
    return array._getvalue()
