"""
`qingyi serve` whose metrics count nothing, so that their price is known: `python -m bench.peers.apart`.

Nobody should want that in production, so there is no setting for it.
"""

import sys
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, Summary

from api.cli import main
from infra.tallies import Tally, Timings


def _nothing(*_given: Any, **_named: Any) -> None:
    return


for kind, names in (
    (Counter, ("inc",)),
    (Gauge, ("inc", "dec", "set")),
    (Histogram, ("observe",)),
    (Summary, ("observe",)),
    (Tally, ("inc",)),
    (Timings, ("observe",)),
):
    for name in names:
        setattr(kind, name, _nothing)
sys.argv[1:] = ["serve"]
main()
