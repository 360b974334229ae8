"""The security log: refusals of nobody in particular, as lines in a file for each day, sealed once a minute.

A seal is one leaf that commits to the bytes which the file gained: HMAC-SHA-256(random key, bytes). So nobody can
edit yesterday's noise, and the public learns nothing but that there was some.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from commonweal.core.ledger import models
from commonweal.core.ledger.entries import add_commitment
from commonweal.core.ledger.leaves import Kind

MAX_SPAN = 16 * 1024 * 1024


def seal() -> int:
    """Commit to what each day's file gained since its last seal. Returns how many leaves that took."""
    sealed = 0
    for path in sorted(settings.COMMONWEAL.logs.glob("security-*.jsonl")):
        last = models.SecuritySeal.objects.filter(file=path.name).order_by("-stop").first()
        sealed += _seal(path, last.stop if last else 0)
    return sealed


def broken_seals() -> list[str]:
    """Which sealed parts of the files are not what they were; empty when all is well."""
    found = []
    for row in models.SecuritySeal.objects.order_by("file", "start"):
        path = settings.COMMONWEAL.logs / row.file
        content = _read(path, row.start, row.stop) if path.exists() else b""
        if hmac.digest(bytes(row.key), content, "sha256") != bytes(row.commitment):
            found.append(f"logs/{row.file}: bytes {row.start} to {row.stop} are not what was sealed")
    return found


def _seal(path: Path, start: int) -> int:
    content = _read(path, start, start + MAX_SPAN)
    content = content[: content.rfind(b"\n") + 1]
    if not content:
        return 0
    key = secrets.token_bytes(32)
    commitment = hmac.digest(key, content, "sha256")
    with transaction.atomic():
        models.SecuritySeal.objects.create(
            file=path.name, start=start, stop=start + len(content), key=key, commitment=commitment
        )
        add_commitment(Kind.SECURITY, commitment)
    return 1


def _read(path: Path, start: int, stop: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(stop - start)
