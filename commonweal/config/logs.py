"""Structured logs, one JSON object a line, without personal data."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from django.conf import settings


class JsonLines(logging.Formatter):
    """Time, level, logger, message and the `fields` that the caller gave; never arguments of a request."""

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
        return json.dumps(line, ensure_ascii=False)


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
