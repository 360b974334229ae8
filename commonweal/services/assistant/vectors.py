"""The vectors beside this machine's search index, where the node has models; filled in the background."""

from __future__ import annotations

import fcntl
import logging
from functools import cache
from pathlib import Path
from threading import Thread

from django.conf import settings

from commonweal.services.assistant import search
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.models import Mode, Models, load, mode_of
from commonweal.services.assistant.engine.vectors import Vectors

log = logging.getLogger(__name__)
_filled: dict[Path, int] = {}


def vectors(language: str) -> Vectors | None:
    """The vectors of the pages in a language; None without models that read it."""
    folder = settings.COMMONWEAL.home / "assistant"
    models = _models(folder / "models").reading(language)
    if models.mode is Mode.NONE:
        return None
    path = folder / f"{search.FORMAT}-{language}.sqlite3"
    found = _opened(models, path.with_suffix(f".{models.mode}.vectors"))
    published = path.with_suffix(".seen")
    changed = published.stat().st_mtime_ns if published.exists() else 0
    if _filled.get(path) != changed:
        _filled[path] = changed
        Thread(target=_fill, args=(found, path), daemon=True).start()
    return found


@cache
def _models(folder: Path) -> Models:
    """What the folder had when this process began; none where the packages to run them are missing."""
    try:
        return load(folder, mode_of(folder))
    except ImportError as error:
        log.warning("The assistant's models are not used: %s is missing; install commonweal[models]", error.name)
        return load(folder, Mode.NONE)


@cache
def _opened(models: Models, path: Path) -> Vectors:
    return Vectors(models, path)


def _fill(found: Vectors, path: Path) -> None:
    """Make what is missing, unless another process is doing so."""
    with path.with_suffix(".filling").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        index = Index(path)
        found.fill(index)
        index.close()
