"""Structured logs, one JSON object a line, without personal data."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

from django.conf import settings


class JsonLines(logging.Formatter):
    """Time, level, logger, message and the `fields` that the caller gave; never arguments of a request.

    What Django says about a request names its path, and an error's words may quote what was sent: of these only the
    status, the route, the kind of the error and where in the code it happened are written.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        if record.name.startswith(ABOUT_REQUESTS):
            line.update(_about_request(record))
        return json.dumps(line, ensure_ascii=False)


ABOUT_REQUESTS = ("django.request", "django.security", "django.server")


def route_of(request: Any) -> str:
    """The pattern of a request's address, in which every id is a placeholder."""
    match = getattr(request, "resolver_match", None)
    return match.route if match else "(none)"


def _about_request(record: logging.LogRecord) -> dict[str, object]:
    status = getattr(record, "status_code", None)
    known = status in set(HTTPStatus)
    line: dict[str, object] = {
        "message": HTTPStatus(status).phrase if known and status else "request",
        "route": route_of(getattr(record, "request", None)),
        "status": status,
    }
    if record.exc_info and record.exc_info[1]:
        line["error"] = _without_words(record.exc_info[1])
    return line


def _without_words(error: BaseException) -> str:
    """The kind of an error and of those that led to it, each with where it happened."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = _without_words(cause) + "\n" if cause else ""
    return before + _places(error.__traceback__) + f"{type(error).__module__}.{type(error).__qualname__}"


def _places(trace: TracebackType | None) -> str:
    return "".join(traceback.format_tb(trace))


class SecurityFile(logging.Handler):
    """Appends each line to logs/security-YEAR-MONTH-DAY.jsonl, which core.ledger.security seals; many processes may."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            folder = settings.COMMONWEAL.logs
            if folder.is_dir():
                name = f"security-{datetime.now(UTC):%Y-%m-%d}.jsonl"
                with (folder / name).open("a", encoding="utf-8") as file:
                    file.write(self.format(record) + "\n")
        except OSError:
            self.handleError(record)
