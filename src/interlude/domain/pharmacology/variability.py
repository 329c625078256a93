"""Between-person variability of a card: a multivariate normal on the log (or logit) scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Half the width of a 95 % interval in standard deviations.
_Z95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Variability:
    """Etas ~ N(0, `covariance`) (k, k) of the parameters `names`, each on its scale ("log" or "logit").

    `uncertain` are names whose spread is not between people: it is how well the typical value is known.
    `borrowed` says that the numbers belong to another model and are used because this one's were not published.
    """

    names: tuple[str, ...]
    covariance: Floats
    scales: tuple[str, ...]
    source: str
    certainty: str
    borrowed: bool = False
    notes: tuple[str, ...] = ()
    uncertain: Mapping[str, str] = field(default_factory=dict)
    lender: str = ""
    """Name of the card that the numbers are borrowed from."""


def read_variability(data: dict[str, Any] | None) -> Variability | None:
    """From the table [variability] of a card: omega2, cv_percent (omega2 = ln(1 + CV^2)), logit_sd, covariances."""
    if data is None:
        return None
    variances: dict[str, float] = dict(data.get("omega2", {}))
    variances |= {name: math.log1p((cv / 100.0) ** 2) for name, cv in data.get("cv_percent", {}).items()}
    logits = data.get("logit_sd", {})
    variances |= {name: sd * sd for name, sd in logits.items()}
    uncertain = data.get("uncertainty", {})
    for name, interval in uncertain.items():
        variances[name] = (math.log(interval["high"] / interval["low"]) / (2 * _Z95)) ** 2
    names = tuple(variances)
    covariance = np.diag([variances[name] for name in names])
    for one in data.get("covariances", ()):
        i, j = (names.index(name) for name in one["of"])
        covariance[i, j] = covariance[j, i] = one["value"]
    return Variability(
        names,
        covariance,
        tuple("logit" if name in logits else "log" for name in names),
        data["source"],
        data["certainty"],
        data.get("borrowed", False),
        tuple(data.get("notes", ())),
        {name: interval["source"] for name, interval in uncertain.items()},
        data.get("lender", ""),
    )
