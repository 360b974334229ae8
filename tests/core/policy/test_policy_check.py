"""`commonweal check --policies` names rules that permit too much, or nothing, or cannot be read by everybody."""

from __future__ import annotations

import pytest

from commonweal.commands.check import policy_problems
from commonweal.core.policy import rules

READ = 'action == Action::"registry.person.read"'
SAYS = '@says("Anybody.") @says_fr("N’importe qui.") @says_es("Cualquiera.") @says_ar("أي شخص.")'
WHEN = "when { context.own }"


@pytest.fixture
def with_rule(monkeypatch: pytest.MonkeyPatch):
    """The node's own rules, with one more in the register's room."""
    collect = rules.collect

    def also(text: str, *, alone: bool = False) -> list[str]:
        def collected(rooms):
            found = collect(rooms)
            return found | {"registry": text if alone else found["registry"] + text}

        monkeypatch.setattr(rules, "collect", collected)
        return policy_problems()

    return also


def test_the_rooms_own_rules_are_in_order():
    assert policy_problems() == []


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (f'@id("registry.x") {SAYS} permit (principal, {READ}, resource);', "permits anybody for any purpose"),
        (f'@id("registry.x") @says("Anybody.") permit (principal, {READ}, resource) {WHEN};', "add @says_fr"),
        (
            f'@id("registry.x") {SAYS} permit (principal, action == Action::"registry.nothing", resource) {WHEN};',
            "which no room declares",
        ),
    ],
)
def test_a_rule_that_permits_too_much_is_named(with_rule, rule: str, problem: str):
    assert any("registry.x" in found and problem in found for found in with_rule(rule))


def test_a_room_that_permits_nothing_is_named(with_rule):
    assert any("no rule permits registry.person.read" in found for found in with_rule("", alone=True))


def test_a_room_cannot_rule_over_every_action(with_rule):
    with pytest.raises(rules.BadPolicy, match="speaks of all"):
        with_rule(f'@id("registry.x") {SAYS} permit (principal, action, resource) {WHEN};')
