"""
What is counted at every request: plain numbers of this process, which Prometheus' client reads when it is asked.

Its own counters take locks and look for exemplars, which costs several microseconds of each request. Here the one thread of the
event loop counts.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import INF, floatToGoString


class Tally(Collector):
    """A counter; its name on the page ends with `_total`."""

    def __init__(self, name: str, about: str, registry: CollectorRegistry = REGISTRY) -> None:
        self._name, self._about = name, about
        self._count = 0
        registry.register(self)

    def inc(self) -> None:
        self._count += 1

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(self._name, self._about, self._count)


class Timings(Collector):
    """A histogram of seconds, by ascending bounds that belong to what they bound; all that is longer comes last."""

    def __init__(
        self, name: str, about: str, bounds: Sequence[float], registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._name, self._about = name, about
        self._bounds = (*bounds, INF)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0
        registry.register(self)

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def collect(self) -> Iterator[Metric]:
        upto = zip(map(floatToGoString, self._bounds), accumulate(self._counts), strict=True)
        yield HistogramMetricFamily(self._name, self._about, list(upto), self._sum)
