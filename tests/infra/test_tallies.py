"""What is counted by plain numbers is shown as Prometheus' own counters show it."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from infra.tallies import Counted, Tallies, Timings

BOUNDS = (0.001, 0.5, 1, 2.5)


def shown(registry: CollectorRegistry) -> list[str]:
    """All but the moment at which counting began, which Prometheus' own tell too."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@pytest.fixture
def registries() -> tuple[CollectorRegistry, CollectorRegistry]:
    return CollectorRegistry(), CollectorRegistry()


def test_a_counter(registries: tuple[CollectorRegistry, CollectorRegistry]) -> None:
    own, theirs = registries
    counters = (
        Counted("answers", "Answers given.", registry=own),
        Counter("answers", "Answers given.", registry=theirs),
    )
    assert shown(own) == shown(theirs)

    for counter in counters:
        for _ in range(3):
            counter.inc()

    assert "answers_total 3.0" in shown(own)
    assert shown(own) == shown(theirs)


def test_a_counter_with_a_label(registries: tuple[CollectorRegistry, CollectorRegistry]) -> None:
    own, theirs = registries
    tallies = Tallies("looks", "Looks.", "found", "yes", "no", registry=own)
    counter = Counter("looks", "Looks.", ["found"], registry=theirs)
    for value, times in (("yes", 2), ("no", 1)):
        for _ in range(times):
            tallies.by_value[value].inc()
            counter.labels(value).inc()

    assert 'looks_total{found="yes"} 2.0' in shown(own)
    assert shown(own) == shown(theirs)


def test_a_histogram(registries: tuple[CollectorRegistry, CollectorRegistry]) -> None:
    own, theirs = registries
    histograms = (
        Timings("seconds", "How long.", BOUNDS, registry=own),
        Histogram("seconds", "How long.", buckets=BOUNDS, registry=theirs),
    )
    assert shown(own) == shown(theirs)

    for histogram in histograms:
        for seconds in (0.0, 0.001, 0.25, 0.5, 1, 1.5, 2.5, 2.5001, 1e9):
            histogram.observe(seconds)

    assert 'seconds_bucket{le="0.5"} 4.0' in shown(own)
    assert shown(own) == shown(theirs)
