"""Find misconfiguration, broken rules and tampered evidence, and say what to do. Exit code 1 when anything is wrong."""

from __future__ import annotations

import argparse

from commonweal.commands import start_django
from commonweal.config import misconfiguration
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", action="store_true", help="only the rules (needs no node)")
    parser.add_argument(
        "--evidence", action="store_true", help="also compare every row of evidence with the public log"
    )


def run(options: argparse.Namespace) -> int:
    start_django()
    problems = policy_problems()
    if not options.policies:
        problems += setting_problems() + misconfiguration.problems(nodes.load())
    if options.evidence:
        problems += evidence_problems()
    for problem in problems:
        print(f"- {problem}")
    print(_summary(len(problems)))
    return 1 if problems else 0


def policy_problems() -> list[str]:
    """What is wrong with the rules: Cedar's validator, missing languages, actions that nobody may ever do."""
    from django.conf import settings

    from commonweal.core.policy.actions import declared_actions
    from commonweal.core.policy.published import rooms
    from commonweal.core.policy.rules import Rules, collect, problems

    texts = collect(rooms())
    actions = [action.name for action in declared_actions()]
    found = problems(texts, actions)
    written = Rules(b"", texts)
    rules = written.rules.values()
    languages = [code for code, _ in settings.LANGUAGES]
    for rule in rules:
        found += [
            f"rule {rule.id} has no words in {code}: add @says_{code}" for code in languages if not rule.says.get(code)
        ]
        found += [
            f"rule {rule.id} names {name!r}, which no room declares" for name in (rule.actions or set()) - set(actions)
        ]
        if rule.effect == "permit" and written.asks_nothing(rule.id):
            found.append(f"rule {rule.id} permits anybody for any purpose: say when")
    permitted = set().union(*(rule.actions or set() for rule in rules if rule.effect == "permit"))
    found += [f"no rule permits {name}, so nobody can ever do it" for name in actions if name not in permitted]
    return found


def setting_problems() -> list[str]:
    """Django's own deployment checks, and those of the rooms."""
    from django.core import checks

    issues = checks.run_checks(include_deployment_checks=True)
    return [f"{issue.msg} {issue.hint or ''}".strip() for issue in issues if not issue.is_silenced()]


def evidence_problems() -> list[str]:
    """Every row of evidence that does not fit the others or the public log."""
    from commonweal.core.ledger import security, service

    return [str(problem) for problem in service.check().problems] + security.broken_seals()


def _summary(problems: int) -> str:
    return "All is well." if not problems else "1 problem" if problems == 1 else f"{problems} problems"
