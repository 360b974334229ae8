"""The kinds of work on this node: each room declares its own, when its `service.py` is imported."""

from __future__ import annotations

from commonweal.core.cases.values import CaseType


class UnknownCaseType(LookupError):
    """No room of this node declares this case type."""


_declared: dict[str, CaseType] = {}


def declare_case_type(case_type: CaseType) -> CaseType:
    """Declare a kind of work, and return it."""
    _declared[case_type.name] = case_type
    return case_type


def case_type(name: str) -> CaseType:
    """The declared case type. Raises UnknownCaseType."""
    try:
        return _declared[name]
    except KeyError:
        raise UnknownCaseType(f"no room of this node declares the case type {name!r}") from None


def declared() -> list[CaseType]:
    """Every case type of the node."""
    return list(_declared.values())
