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


class Tally:
    """How often something came about."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def inc(self) -> None:
        self.count += 1


class Counted(Tally, Collector):
    """A counter; its name on the page ends with `_total`."""

    __slots__ = ("_about", "_name")

    def __init__(self, name: str, about: str, *, registry: CollectorRegistry = REGISTRY) -> None:
        super().__init__()
        self._name, self._about = name, about
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(self._name, self._about, self.count)


class Tallies(Collector):
    """A counter for each value of a label."""

    def __init__(
        self, name: str, about: str, label: str, *values: str, registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._name, self._about, self._label = name, about, label
        self.by_value = {value: Tally() for value in values}
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._about, labels=[self._label])
        for value, tally in self.by_value.items():
            family.add_metric([value], tally.count)
        yield family


class Timings(Collector):
    """A histogram of seconds, by ascending bounds that belong to what they bound; all that is longer comes last."""

    def __init__(
        self, name: str, about: str, bounds: Sequence[float], *, registry: CollectorRegistry = REGISTRY
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
