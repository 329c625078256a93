"""How the kernels of the extra `fast` are compiled. Imported only where numba is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

njit: Any = numba.njit

TILE = 256
"""People that are taken together: their state fits into the first two caches."""


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
