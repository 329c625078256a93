"""Where a population is computed: in this process, or by the workers of a Dask cluster (the extra `cluster`)."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from interlude.interfaces.cli.failure import Failure

LOCAL = "local"
CONNECT_S = 10

Map = Callable[..., Iterable[Any]]


@contextmanager
def cluster_map(address: str | None) -> Iterator[Map]:
    """A `map` that keeps the order: the builtin one, or that of the scheduler at `address`.

    "local" starts worker processes on this machine for as long as the run takes. Raises `Failure` with one line.
    """
    if address is None:
        yield builtins.map
        return
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise Failure("a cluster needs Dask: install interlude[cluster]") from error
    own = None
    try:
        if address == LOCAL:
            own = LocalCluster(host="127.0.0.1", dashboard_address=None, threads_per_worker=1)
        client = Client(own or address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise Failure(f"no cluster answers at {address}") from error

    def spread(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        waiting = client.map(function, list(tasks), pure=False)
        # A result is fetched in its turn and let go at once: memory stays small however many there are.
        for future in waiting:
            yield future.result()
            future.release()

    try:
        yield spread
    finally:
        client.close()
        if own is not None:
            own.close()
