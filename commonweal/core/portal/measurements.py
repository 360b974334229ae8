"""What the web processes measured since they started, for the operator's page: how many, how fast, how well."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

NAME = "commonweal_request_seconds"
USUAL, SLOW = 0.5, 0.95


@dataclass(frozen=True)
class Measured:
    """One route's requests. `usual` and `slow` are upper bounds in milliseconds for half of them and for 95 of 100."""

    route: str
    requests: int
    failed: int
    mean: float
    usual: float
    slow: float


def registry() -> CollectorRegistry:
    """The measurements of all web processes, or of this one where there is no supervisor."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    return found


def by_route(metrics: Iterable[Metric]) -> list[Measured]:
    """Sum over methods, statuses and processes; the busiest route first."""
    counts: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for sample in (sample for metric in metrics if metric.name == NAME for sample in metric.samples):
        route = sample.labels["route"]
        if sample.name.endswith("_bucket"):
            buckets[route][float(sample.labels["le"])] += sample.value
        elif sample.name.endswith("_sum"):
            seconds[route] += sample.value
        elif sample.name.endswith("_count"):
            counts[route] += int(sample.value)
            failed[route] += int(sample.value) if sample.labels["status"].startswith("5") else 0
    return sorted(
        (
            Measured(
                route,
                count,
                failed[route],
                seconds[route] / count * 1000,
                _bound(buckets[route], USUAL * count),
                _bound(buckets[route], SLOW * count),
            )
            for route, count in counts.items()
            if count
        ),
        key=lambda one: -one.requests,
    )


def _bound(buckets: dict[float, float], wanted: float) -> float:
    """The upper bound in milliseconds of the bucket that holds the `wanted`-th request."""
    return next((bound * 1000 for bound, count in sorted(buckets.items()) if count >= wanted), inf)
