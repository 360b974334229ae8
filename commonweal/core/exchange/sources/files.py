"""A folder of delimited or fixed-width files as a service: rows in which a column has the asked value."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from commonweal.core.exchange.sources.call import Answer, Call, SourceFailed, as_json
from commonweal.core.exchange.threads import in_a_thread


@dataclass(frozen=True)
class FilesSource:
    """Files `pattern` in `folder`. `columns` maps names to (first, last) places, from 1, or is empty for a heading.

    `key` is the column that is asked for: by the subject's identifier, or by a parameter of the query.
    """

    folder: Path
    pattern: str
    key: str
    delimiter: str
    encoding: str
    columns: dict[str, tuple[int, int]]
    most: int
    opens_door: bool = False

    async def fetch(self, call: Call) -> Answer:
        """The rows as JSON. Raises SourceFailed."""
        wanted = call.identifier or dict(parse_qsl(call.query)).get(self.key, "")
        if not wanted:
            return as_json(400, {"error": f"state `{self.key}`"}, ())
        try:
            rows = await in_a_thread(lambda: self._rows(wanted))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise SourceFailed("ServiceFailed", f"A file cannot be read: {type(error).__name__}") from error
        return as_json(200 if rows else 404, {"rows": rows})

    def _rows(self, wanted: str) -> list[dict[str, Any]]:
        found = []
        for path in sorted(self.folder.glob(self.pattern)):
            for row in self._read(path):
                if row.get(self.key) == wanted:
                    found.append(row)
                if len(found) > self.most:
                    raise SourceFailed("AnswerTooLarge", f"More than {self.most} rows; ask more narrowly")
        return found

    def _read(self, path: Path) -> Iterator[dict[str, Any]]:
        with path.open(encoding=self.encoding, newline="") as file:
            if not self.columns:
                yield from csv.DictReader(file, delimiter=self.delimiter)
                return
            for line in file:
                text = line.rstrip("\r\n")
                yield {name: text[first - 1 : last].strip() for name, (first, last) in self.columns.items()}


def parameters(call: Call) -> dict[str, Any]:
    """What a call states: its query, then the top level of a JSON body. Raises SourceFailed."""
    stated: dict[str, Any] = dict(parse_qsl(call.query, keep_blank_values=True))
    if call.body.small() and call.headers.get("content-type", "").startswith("application/json"):
        try:
            content = call.body.json
        except ValueError:
            raise SourceFailed("BadRequest", "The body is not JSON") from None
        if isinstance(content, dict):
            stated |= {name: value for name, value in content.items() if isinstance(value, str | int | float | None)}
    return stated
