"""The mapping file: which column of an outside file holds what, and how that file is written."""

from __future__ import annotations

import codecs
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commonweal.services.registry.engine import cobol
from commonweal.services.registry.engine.copybook import BadCopybook, Layout, parse
from commonweal.services.registry.engine.rows import BadMapping

REQUIRED = ("given", "family", "born", "birth_place", "street", "number", "postcode", "town")
OPTIONAL = ("since", "identifier", "died", "sex")
RECORDS = ("F", "FB", "V", "VB", "lines")
EXAMPLES = {"source": "old-register", "row_id": "PERSON_NO"}
LARGEST_COPYBOOK = 1_000_000  # bytes
SETTINGS: dict[str, type] = {
    "delimiter": str, "encoding": str, "date_format": str, "only": dict, "empty": list, "complete": bool,
    "copybook": str, "records": str,
}  # fmt: skip


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of which file holds what, and how the file is written.

    `only` keeps the rows whose columns hold these texts, and passes over the others. `empty` are texts that stand for
    nothing. `complete` says that the file holds everyone: who is not in it is reported as missing. With a `layout` the
    file is one of records, which follow each other as `records` says; without one, its fields are delimited.
    """

    source: str
    row_id: str
    columns: dict[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"
    only: dict[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    complete: bool = False
    layout: Layout | None = None
    records: str = "F"

    @property
    def named(self) -> list[str]:
        """The file's names for the row's id and for every field, in this order."""
        return [self.row_id, *self.columns.values()]


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file (TOML), and the copybook that it names. Raises BadMapping."""
    try:
        text = tomllib.loads(path.read_text("utf-8"))
        _check(text)
        settings = {name: text[name] for name in SETTINGS if name in text and name != "copybook"}
        settings["empty"] = tuple(text.get("empty", ()))
        if "copybook" in text:
            settings["layout"] = _layout(path.parent / text["copybook"])
        return ColumnMapping(text["source"], text["row_id"], text["columns"], **settings)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, BadCopybook, BadMapping) as error:
        raise BadMapping(f"{path}: {error}") from error


def _check(text: dict[str, Any]) -> None:
    for name in ("source", "row_id"):
        if not isinstance(text.get(name), str):
            raise BadMapping(f'`{name}` is missing; write for example {name} = "{EXAMPLES[name]}"')
    if not isinstance(text.get("columns"), dict):
        raise BadMapping("the table [columns] is missing")
    for name in REQUIRED:
        if name not in text["columns"]:
            raise BadMapping(f"[columns] has no `{name}`; name the column that holds it")
    for name, column in text["columns"].items():
        if name not in REQUIRED + OPTIONAL:
            raise BadMapping(f"[columns] has `{name}`, which is not a field; fields: {', '.join(REQUIRED + OPTIONAL)}")
        if not isinstance(column, str):
            raise BadMapping(f"[columns]: `{name}` is not the name of a column; put it between quotes")
    if unknown := set(text) - set(SETTINGS) - {"source", "row_id", "columns"}:
        raise BadMapping(f"unknown setting `{min(unknown)}`; settings: source, row_id, {', '.join(SETTINGS)}")
    for name, kind in SETTINGS.items():
        if not isinstance(text.get(name, kind()), kind):
            raise BadMapping(f"`{name}` is not what it should be ({_KINDS[kind]})")
    texts = [*text.get("only", {}).values(), *text.get("empty", [])]
    if not all(isinstance(found, str) for found in texts):
        raise BadMapping("`only` and `empty` hold texts; put each between quotes")
    _check_encoding(text)


def _check_encoding(text: dict[str, Any]) -> None:
    fixed = "copybook" in text
    if fixed and "encoding" not in text:
        raise BadMapping('a file with a copybook needs `encoding`; write for example encoding = "cp037"')
    encoding = text.get("encoding", "utf-8")
    try:
        text["encoding"] = codecs.lookup(encoding).name
        wide = len("a".encode(encoding)) != 1 or len(bytes(range(256)).decode(encoding, "replace")) != 256
    except (LookupError, ValueError):
        raise BadMapping(
            f"the encoding {encoding!r} is not known here. EBCDIC code pages: {', '.join(sorted(cobol.EBCDIC))}; "
            "others by their Python names, such as cp1252, cp850, iso-8859-15, utf-16, utf-8"
        ) from None
    if fixed and (wide or encoding.startswith("utf")):
        raise BadMapping(f"a file with a copybook has one byte for each character, so it cannot be in {encoding}")
    if fixed and ("delimiter" in text or text.get("records", "F") not in RECORDS):
        raise BadMapping(f"a file with a copybook has no `delimiter`; its `records` are one of {', '.join(RECORDS)}")
    delimiter = text.get("delimiter", ",")
    if not fixed and ("records" in text or len(delimiter) != 1 or delimiter in '"\r\n'):
        raise BadMapping("`delimiter` is one character; `records` is for files with a `copybook`")


_KINDS = {str: "a text between quotes", dict: "a table", list: "a list of texts", bool: "true or false"}


def _layout(path: Path) -> Layout:
    if path.stat().st_size > LARGEST_COPYBOOK:
        raise BadMapping(f"{path.name} has more than {LARGEST_COPYBOOK} bytes; that is no copybook")
    try:
        return parse(path.read_text("utf-8"))
    except BadCopybook as error:
        raise BadCopybook(f"{path.name}: {error}") from error
