"""The vectors beside this machine's search index, where the node has models; filled in the background."""

from __future__ import annotations

import fcntl
import logging
from functools import cache
from pathlib import Path
from threading import Thread
from time import monotonic

from commonweal.services.assistant import search
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.models import FORMAT, Mode, Models, load, mode_of
from commonweal.services.assistant.engine.vectors import Vectors

AGAIN = 60.0  # seconds after which vectors that could not be made are tried once more
log = logging.getLogger(__name__)
_filled: dict[Path, int] = {}
_tried: dict[Path, tuple[int, float]] = {}


def vectors(language: str) -> Vectors | None:
    """The vectors of the pages in a language; None without models that read it.

    What is missing is made in the background; what could not be made, or what another process was making, is looked at
    again after a minute.
    """
    path = search.file_of(language)
    models = _models(path.with_name("models")).reading(language)
    if models.mode is Mode.NONE:
        return None
    found = _opened(models, path.with_suffix(f".{models.mode}-{FORMAT}.vectors"))
    published = path.with_suffix(".seen")
    changed = published.stat().st_mtime_ns if published.exists() else 0
    if _filled.get(path) != changed and not _tried_lately(path, changed):
        _tried[path] = changed, monotonic()
        Thread(target=_fill, args=(found, path, changed), daemon=True).start()
    return found


def filled(language: str) -> bool:
    """Whether this process knows that the pages as they are now have their vectors."""
    path = search.file_of(language)
    return path in _filled and _filled[path] == path.with_suffix(".seen").stat().st_mtime_ns


def _tried_lately(path: Path, changed: int) -> bool:
    last, at = _tried.get(path, (0, 0.0))
    return last == changed and monotonic() - at < AGAIN


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


def _fill(found: Vectors, path: Path, changed: int) -> None:
    """Make what is missing of the pages as they are since `changed`, unless another process is doing so."""
    with path.with_suffix(".filling").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        index = Index(path)
        try:
            found.fill(index)
            _filled[path] = changed
        except Exception:
            log.exception("the vectors of the assistant's pages could not be made; words alone speak for what is new")
        finally:
            index.close()
