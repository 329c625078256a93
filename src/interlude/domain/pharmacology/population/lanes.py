"""Eight numbers at once, for the compiled engine: a loop over time can then keep eight people in registers.

Imported only where numba is installed.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import models, register_model

LANES = 8
intrinsic: Any = numba_intrinsic
_EIGHT = ir.VectorType(ir.DoubleType(), LANES)
# A product and a sum may become one instruction, as in the other kernels.
_CONTRACT = ("contract",)


class _Lanes(types.Type):
    """Eight floats, as the compiler's own vector."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, described: Any) -> None:
        super().__init__(manager, described, _EIGHT)


_lanes = _Lanes()


def _pointer(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    data = cgutils.create_struct_proxy(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _EIGHT.as_pointer())


@intrinsic
def take(_: Any, array: Any, at: Any) -> Any:
    """array[at : at + 8] of a contiguous array; nothing is checked."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.load(_pointer(context, builder, signature.args[0], given[0], given[1]), align=8)

    return _lanes(array, at), generate


@intrinsic
def put(_: Any, array: Any, at: Any, values: Any) -> Any:
    """array[at : at + 8] = values."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.store(given[2], _pointer(context, builder, signature.args[0], given[0], given[1]), align=8)
        return context.get_dummy_value()

    return types.void(array, at, values), generate


@intrinsic
def stream(_: Any, array: Any, at: Any, values: Any) -> Any:
    """`put` past the caches, for what isn't read again soon; the place must begin at a multiple of 64 bytes."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = _pointer(context, builder, signature.args[0], given[0], given[1])
        written = builder.store(given[2], place, align=64)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(array, at, values), generate


@intrinsic
def spread(_: Any, value: Any) -> Any:
    """The same number eight times."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        one = builder.insert_element(ir.Constant(_EIGHT, ir.Undefined), given[0], ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(one, ir.Constant(_EIGHT, ir.Undefined), zeros)

    return _lanes(types.float64), generate


@intrinsic
def times(_: Any, one: Any, other: Any) -> Any:
    """Eight products."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.fmul(given[0], given[1], flags=_CONTRACT)

    return _lanes(one, other), generate


@intrinsic
def plus(_: Any, one: Any, other: Any) -> Any:
    """Eight sums."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.fadd(given[0], given[1], flags=_CONTRACT)

    return _lanes(one, other), generate
