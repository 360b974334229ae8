"""Find misconfiguration, broken rules and tampered evidence, and say what to do. Exit code 1 when anything is wrong."""

from __future__ import annotations

import argparse
import io
import shutil

from commonweal.commands import start_django
from commonweal.config import node as nodes

LOW_DISK = 1_000_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", action="store_true", help="only the rules (needs no node)")
    parser.add_argument(
        "--evidence", action="store_true", help="also compare every row of evidence with the public log"
    )


def run(options: argparse.Namespace) -> int:
    start_django()
    problems = policy_problems()
    if not options.policies:
        problems += setting_problems() + node_problems(nodes.load())
    if options.evidence:
        problems += evidence_problems()
    for problem in problems:
        print(f"- {problem}")
    print(f"{len(problems)} problems" if problems else "All is well.")
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
    rules = Rules(b"", texts).rules.values()
    languages = [code for code, _ in settings.LANGUAGES]
    for rule in rules:
        found += [
            f"rule {rule.id} has no words in {code}: add @says_{code}" for code in languages if not rule.says.get(code)
        ]
        found += [
            f"rule {rule.id} names {name!r}, which no room declares" for name in (rule.actions or set()) - set(actions)
        ]
        if rule.effect == "permit" and rule.actions is None:
            found.append(f"rule {rule.id} permits every action: name the actions")
    permitted = set().union(*(rule.actions or set() for rule in rules if rule.effect == "permit"))
    found += [f"no rule permits {name}, so nobody can ever do it" for name in actions if name not in permitted]
    return found


def setting_problems() -> list[str]:
    """Django's own deployment checks, and those of the rooms."""
    from django.core import checks

    issues = checks.run_checks(include_deployment_checks=True)
    return [f"{issue.msg} {issue.hint or ''}".strip() for issue in issues if not issue.is_silenced()]


def node_problems(node: nodes.Node) -> list[str]:
    """What is wrong with the node's folder: keys, disk, an unpublished log."""
    from commonweal.core.ledger import keys

    if not node.initialised:
        return [f"there is no node in {node.home}: run `commonweal init`"]
    found = [
        f"keys/{path.name} can be used by others (mode {mode:o}): run chmod 600 {path}"
        for path in sorted(node.keys.iterdir())
        if (mode := path.stat().st_mode & 0o077)
    ]
    found += [
        f"keys/{name} is missing: restore it from the backup of the keys"
        for name in nodes.SECRETS
        if not (node.keys / name).exists()
    ]
    try:
        keys.load(node.keys, node.origin)
    except keys.UnsafeKeys as error:
        found.append(str(error))
    if shutil.disk_usage(node.home).free < LOW_DISK:
        found.append("less than 1 GB of disk space is left: make room")
    if not (node.log / "checkpoint").exists():
        found.append("the public log has no checkpoint yet: start the node with `commonweal up`")
    return found + _migration_problems()


def evidence_problems() -> list[str]:
    """Every row of evidence that does not fit the others or the public log."""
    from commonweal.core.ledger import security, service

    return [str(problem) for problem in service.check().problems] + security.broken_seals()


def _migration_problems() -> list[str]:
    from django.core.management import CommandError, call_command

    try:
        call_command("migrate", check_unapplied=True, verbosity=0, stdout=io.StringIO())
    except (CommandError, SystemExit):
        return ["the database has not all its tables: run `commonweal init`"]
    return []
