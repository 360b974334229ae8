"""The algorithms in use on this node: each room declares its own, when its `service.py` is imported."""

from __future__ import annotations

from dataclasses import fields

from commonweal.core.algorithms.values import Algorithm

MAY_BE_EMPTY = ("model", "supplier", "adverse")
_declared: dict[str, Algorithm] = {}


class IncompleteRecord(ValueError):
    """An algorithm is to be used whose record lacks something: a mistake in the program."""


class UnknownAlgorithm(LookupError):
    """No room of this node declares this algorithm."""


def algorithm(record: Algorithm) -> Algorithm:
    """Declare an algorithm, and return it.

    Raises IncompleteRecord for a record with an empty field, without measured quality by group, or whose versions are
    not newest first.
    """
    for field in fields(record):
        if field.name not in MAY_BE_EMPTY and not getattr(record, field.name):
            raise IncompleteRecord(f"{record.name}: `{field.name}` is empty; everyone may read it, so write it")
    if len({str(one.group) for one in record.quality}) < 2:
        raise IncompleteRecord(f"{record.name}: `quality` needs everyone and at least one group, measured apart")
    if not all(0 <= one.value <= 1 and one.cases > 0 for one in record.quality):
        raise IncompleteRecord(f"{record.name}: each `quality` is a share from 0 to 1 of one case or more")
    days = [change.since for change in record.changes]
    if days != sorted(days, reverse=True) or len({change.version for change in record.changes}) < len(days):
        raise IncompleteRecord(f"{record.name}: `changes` names each version once, the newest first")
    _declared[record.name] = record
    return record


def algorithm_named(name: str) -> Algorithm:
    """The declared algorithm. Raises UnknownAlgorithm."""
    try:
        return _declared[name]
    except KeyError:
        raise UnknownAlgorithm(f"no room of this node declares the algorithm {name!r}") from None


def algorithms() -> list[Algorithm]:
    """Every algorithm of the node, by name."""
    return [_declared[name] for name in sorted(_declared)]
