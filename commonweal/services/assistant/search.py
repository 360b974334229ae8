"""The search index of this machine, one file for each language: always rebuilt from the stored versions, never kept.

Each process looks before it searches whether something was published since; so a changed page is found at once, by
every process and on every machine, whichever database keeps the versions.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Lock, local

from django.conf import settings
from django.db.models import Max

from commonweal.services.assistant import guidance, models
from commonweal.services.assistant.engine.index import Index

FORMAT = 3  # of the files; a change of the engine's analysis begins them anew
AT_ONCE = 500  # pages that are indexed in one transaction
Tell = Callable[[str], None]
_log = logging.getLogger(__name__).info
_opened = local()
_one_at_a_time = Lock()


def index(language: str, tell: Tell = _log) -> Index:
    """This thread's index of the current pages in a language. `tell` hears how far the indexing of many pages is."""
    indexes: dict[Path, Index] = _opened.__dict__.setdefault("indexes", {})
    path = file_of(language)
    if path not in indexes or not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        indexes[path] = Index(path)
    _bring_up_to_date(indexes[path], path, language, tell)
    return indexes[path]


def file_of(language: str) -> Path:
    """The index of a language on this machine."""
    home: Path = settings.COMMONWEAL.home
    return home / "assistant" / f"{FORMAT}-{language}.sqlite3"


def languages() -> list[str]:
    """The languages in which there are pages."""
    return sorted(models.Version.objects.filter(until=None).values_list("language", flat=True).distinct())


def newest_changes(language: str) -> tuple[int, int]:
    """The numbers of the last publication and of the last withdrawal in a language."""
    return (
        models.Version.objects.filter(language=language).aggregate(Max("number"))["number__max"] or 0,
        models.Withdrawal.objects.filter(language=language).aggregate(Max("number"))["number__max"] or 0,
    )


def _bring_up_to_date(found: Index, path: Path, language: str, tell: Tell) -> None:
    newest = newest_changes(language)
    if _seen(path) == newest:
        return
    with _one_at_a_time:
        seen = _seen(path)
        if seen == newest:
            return
        changed = models.Version.objects.filter(language=language, until=None, number__gt=seen[0]).order_by("number")
        gone = models.Withdrawal.objects.filter(language=language, number__gt=seen[1]).values_list("slug", flat=True)
        there = set(models.Version.objects.filter(language=language, until=None).values_list("slug", flat=True))
        for slug in set(gone) - there:
            found.remove(slug)
        done, all_of_them, rows = 0, changed.count(), changed.iterator()
        while some := list(islice(rows, AT_ONCE)):
            found.replace(guidance.engine_page(guidance.value(row)) for row in some)
            _note(path, (some[-1].number, newest[1]))  # what is done stays done if this process ends
            done += len(some)
            if all_of_them > AT_ONCE:
                tell(f"indexed {done:,} of {all_of_them:,} pages in {language}")
        _note(path, newest)


def _seen(path: Path) -> tuple[int, int]:
    """Which publications the file holds."""
    with suppress(OSError, ValueError):
        first, second = path.with_suffix(".seen").read_text().split()
        return int(first), int(second)
    return 0, 0


def _note(path: Path, newest: tuple[int, int]) -> None:
    part = path.with_suffix(".part")
    part.write_text(f"{newest[0]} {newest[1]}")
    part.replace(path.with_suffix(".seen"))


def forget() -> None:
    """Close this thread's files (tests change folders)."""
    for found in _opened.__dict__.pop("indexes", {}).values():
        with suppress(sqlite3.Error):
            found.close()
