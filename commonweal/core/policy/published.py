"""The rules in force are the newest policy document in the public log; every process decides by that one."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from commonweal.core.ledger.entries import add_document
from commonweal.core.ledger.leaves import Kind
from commonweal.core.policy.rules import Rules, collect

_NEWEST = "SELECT hash FROM ledger_document WHERE kind = %s ORDER BY leaf_id DESC LIMIT 1"


class NoRules(RuntimeError):
    """The node has published no policy yet, so it denies everything."""


def publish() -> bytes:
    """Publish the rules that the installed rooms carry, unless they are in force already. Returns their version."""
    texts = collect(rooms())
    document = json.dumps({"version": 1, "kind": "policy", "policies": texts}, sort_keys=True, ensure_ascii=False)
    body = document.encode()
    version = hashlib.sha256(body).digest()
    if version_in_force() != version:
        add_document(Kind.POLICY, body)
    return version


def rooms() -> dict[str, Path]:
    """The rooms that may carry rules: core's own and the node's services, name -> folder."""
    core = {
        config.label: Path(config.path)
        for config in apps.get_app_configs()
        if config.name.startswith("commonweal.core.")
    }
    services = {config.label: Path(config.path) for config in apps.get_app_configs() if config.name in _services()}
    return core | services


def _services() -> set[str]:
    return set(settings.SERVICES.values())


def version_in_force() -> bytes | None:
    """The SHA-256 of the newest policy document, or None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [Kind.POLICY])
        row: tuple[Any] | None = cursor.fetchone()
    return bytes(row[0]) if row else None


def in_force() -> Rules:
    """The rules the node decides by now. Raises NoRules."""
    version = version_in_force()
    if version is None:
        raise NoRules("no policy has been published; run: commonweal init")
    return rules_at(version)


@lru_cache(maxsize=64)
def rules_at(version: bytes) -> Rules:
    """The rules as published under `version`. Raises NoRules when that document is not there, or not as published."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_document WHERE hash = %s", [version])
        row = cursor.fetchone()
    if row is None:
        raise NoRules(f"policy {version.hex()} is not among the node's documents")
    if hashlib.sha256(bytes(row[0])).digest() != version:
        raise NoRules(f"policy {version.hex()} was edited in the database; run: commonweal check --evidence")
    return Rules(version, json.loads(bytes(row[0]))["policies"])
