"""How the kernels of the extra `fast` are compiled. Imported only where numba is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic as numba_intrinsic

njit: Any = numba.njit
intrinsic: Any = numba_intrinsic

TILE = 256
"""People that are taken together: their state fits into the first two caches."""
LANES = 8
"""Numbers that `move` and `stream` copy at once; a tile is a multiple of it."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled on first use, kept on disk where there is a place for it, without the global lock.

    Multiplications and additions may be contracted; nothing else is reordered. What is kept is renewed when the
    file of the kernel itself changes, not one that it calls: touch both.
    """
    options = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}
    try:
        kernel: Callable[..., Any] = njit(cache=True, **options)(function)
    except RuntimeError:
        kernel = njit(**options)(function)
    return kernel


def _eight(past_the_caches: bool) -> Any:
    """A function (row, place, tile, start): row[place : place + 8] = tile[start : start + 8], nothing checked."""

    def copy(_: Any, row: Any, place: Any, tile: Any, start: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            target, source = (
                cgutils.create_struct_proxy(signature.args[i])(context, builder, arguments[i]).data for i in (0, 2)
            )
            lanes = ir.VectorType(ir.DoubleType(), LANES).as_pointer()
            numbers = builder.load(builder.bitcast(builder.gep(source, [arguments[3]]), lanes), align=8)
            place_of = builder.bitcast(builder.gep(target, [arguments[1]]), lanes)
            written = builder.store(numbers, place_of, align=64 if past_the_caches else 8)
            if past_the_caches:
                written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
            return context.get_dummy_value()

        return types.void(row, place, tile, start), generate

    return intrinsic(copy)


move = _eight(False)
stream = _eight(True)
"""`move` past the caches, for what isn't read again soon; the place must begin at a multiple of 64 bytes."""
