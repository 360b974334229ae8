"""The rules of the node: collected from each room's `policy.cedar`, parsed once for each action.

Every policy carries `@id("room.rule")` and `@says("...")`, the rule in plain words, with `@says_fr`, `@says_es` and
`@says_ar` beside it, so that an old record still explains itself from the published document alone.
Cedar: https://docs.cedarpolicy.com/policies/syntax-policy.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cedarpy

SCHEMA_HEAD = """
entity Actor { kind: String, agency: String, roles: Set<String>, assurance: Long, fresh: Bool };
entity Subject;
"""
SCHEMA_ACTION = """
action {names} appliesTo {{
  principal: Actor, resource: Subject,
  context: {{ own: Bool, on_behalf: Bool, automatic: Bool, purpose: String, basis: String, consent: Bool,
             case: String, object: String, emergency: Bool, sealed: Bool }}
}};
"""


class BadPolicy(ValueError):
    """A policy text that cannot be used; the message names the room and the policy."""


@dataclass(frozen=True)
class Rule:
    """One policy: its id, effect, the actions it speaks of (None: all), and its words by language."""

    id: str
    effect: str
    actions: frozenset[str] | None
    says: dict[str, str]


@dataclass(frozen=True)
class Rules:
    """All policies of a node at one version. `version` is the SHA-256 of the published document, 32 bytes."""

    version: bytes
    texts: dict[str, str]

    @cached_property
    def _parsed(self) -> dict[str, dict[str, Any]]:
        return {room: _parse(room, text) for room, text in self.texts.items()}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Every rule by its id."""
        return {
            policy["annotations"]["id"]: _rule(policy)
            for policies in self._parsed.values()
            for policy in policies.values()
        }

    def names_subjects(self, action: str) -> bool:
        """Whether a policy that can speak of `action` looks at who the subject is: then decisions differ by subject."""
        if action not in self._naming:
            self._naming[action] = any(
                policy["resource"]["op"] != "All" or '{"Var": "resource"}' in json.dumps(policy["conditions"])
                for policies in self._parsed.values()
                for policy in policies.values()
                if _speaks_of(policy, action)
            )
        return self._naming[action]

    @cached_property
    def _naming(self) -> dict[str, bool]:
        return {}

    @cached_property
    def decided(self) -> dict[tuple[Any, ...], tuple[bool, tuple[str, ...]]]:
        """What was decided by them in this process: question -> permitted, deciding rules."""
        return {}

    @cached_property
    def _sets(self) -> dict[str, cedarpy.PolicySet]:
        return {}

    def mentions(self, rule: str, purpose: str) -> bool:
        """Whether this rule asks for this purpose by name."""
        return f'"{purpose}"' in self._conditions(rule)

    def speaks_of(self, rule: str, attribute: str) -> bool:
        """Whether this rule's conditions look at an attribute, such as `on_behalf`."""
        return f'"attr": "{attribute}"' in self._conditions(rule)

    def asks_nothing(self, rule: str) -> bool:
        """Whether this rule has no conditions at all, so that it holds for anybody, whatever the purpose."""
        return self._conditions(rule) == "[]"

    def _conditions(self, rule: str) -> str:
        return json.dumps(self._parsed[rule.split(".", maxsplit=1)[0]][self._places[rule]]["conditions"])

    @cached_property
    def _places(self) -> dict[str, str]:
        return {
            policy["annotations"]["id"]: place
            for policies in self._parsed.values()
            for place, policy in policies.items()
        }

    def policy_set(self, action: str) -> cedarpy.PolicySet:
        """The parsed policies that can speak of `action`."""
        if action not in self._sets:
            chosen = {
                policy["annotations"]["id"]: policy
                for policies in self._parsed.values()
                for policy in policies.values()
                if _speaks_of(policy, action)
            }
            document = {"staticPolicies": chosen, "templates": {}, "templateLinks": []}
            self._sets[action] = cedarpy.PolicySet.from_json_str(json.dumps(document))
        return self._sets[action]


def collect(rooms: dict[str, Path]) -> dict[str, str]:
    """Read `policy.cedar` of each room (name -> folder); rooms without one have no rules, so all is denied there."""
    texts = {}
    for room, folder in sorted(rooms.items()):
        path = folder / "policy.cedar"
        if path.exists():
            texts[room] = path.read_text("utf-8")
            _parse(room, texts[room])
    return texts


def problems(texts: dict[str, str], actions: list[str]) -> list[str]:
    """What Cedar's validator finds wrong with the policies, given the declared actions; empty when all is well."""
    names = ", ".join(json.dumps(action) for action in actions)
    schema = SCHEMA_HEAD + SCHEMA_ACTION.format(names=names)
    found = []
    for room, text in texts.items():
        outcome = cedarpy.validate_policies(text, schema)
        found += [f"{room}/policy.cedar: {error}" for error in outcome.errors]
    return found


def _parse(room: str, text: str) -> dict[str, dict[str, Any]]:
    try:
        policies: dict[str, dict[str, Any]] = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    except ValueError as error:
        raise BadPolicy(f"{room}/policy.cedar cannot be parsed: {error}") from error
    seen = set()
    for position, policy in policies.items():
        marks = policy.get("annotations", {})
        for mark in ("id", "says"):
            if not marks.get(mark):
                raise BadPolicy(f'{room}/policy.cedar: {position} has no @{mark}("..."); every rule needs one')
        if marks["id"] in seen or marks["id"].split(".")[0] != room:
            raise BadPolicy(f"{room}/policy.cedar: @id {marks['id']!r} must be unique and begin with '{room}.'")
        seen.add(marks["id"])
        elsewhere = sorted(name for name in _actions(policy) or {"all"} if not name.startswith(f"{room}."))
        if elsewhere:
            raise BadPolicy(
                f"{room}/policy.cedar: {marks['id']} speaks of {elsewhere[0]}; a room rules over its own actions "
                f'only, so name them: action in [Action::"{room}...."]'
            )
    return policies


def _rule(policy: dict[str, Any]) -> Rule:
    marks = policy["annotations"]
    says = {"en": marks["says"]} | {key[5:]: words for key, words in marks.items() if key.startswith("says_")}
    return Rule(marks["id"], policy["effect"], _actions(policy), says)


def _actions(policy: dict[str, Any]) -> frozenset[str] | None:
    scope = policy["action"]
    if scope["op"] == "All":
        return None
    entities = scope["entities"] if "entities" in scope else [scope["entity"]]
    return frozenset(entity["id"] for entity in entities)


def _speaks_of(policy: dict[str, Any], action: str) -> bool:
    actions = _actions(policy)
    return actions is None or action in actions
