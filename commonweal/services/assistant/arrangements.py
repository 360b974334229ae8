"""What an operator arranges in `assistant.toml`: thresholds, other agencies, office hours, emergency numbers, limits,
which language model may say a quotation in plainer words, which sites may show the assistant in a frame, which service
knows people's circumstances.

The file stands in the node's folder and is read anew when it changes; docs/assistant.md tells what may stand in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from commonweal.services.assistant.engine.deciding import Agency

FILE = "assistant.toml"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SECTIONS = ("thresholds", "agency", "hours", "numbers", "limits", "endpoint", "embed", "mail", "facts")
SERVICE = re.compile(r"[^/\s]+(/[^/\s]+){5,}")
MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
LONGEST_WAIT = 60  # seconds for a language model
NUMBERS = {"emergency": "112", "self_harm": "116 123", "child": "116 111", "violence": "112"}  # of the European Union


class BadArrangements(ValueError):
    """`assistant.toml` cannot be used; the text names the entry and the remedy."""


@dataclass(frozen=True)
class Hours:
    """When officers are there: for each weekday (0 is Monday) from when to when, except on closed dates."""

    zone: ZoneInfo
    days: Mapping[int, tuple[time, time]]
    closed: frozenset[date] = frozenset()

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody is there."""
        here = moment.astimezone(self.zone)
        between = self.days.get(here.weekday())
        return bool(between and here.date() not in self.closed and between[0] <= here.time() < between[1])

    def next_opening(self, moment: datetime) -> datetime | None:
        """When somebody is there again, within the next 30 days."""
        here = moment.astimezone(self.zone)
        for ahead in range(31):
            day = here.date() + timedelta(days=ahead)
            between = self.days.get(day.weekday())
            if between and day not in self.closed:
                begins = datetime.combine(day, between[0], self.zone)
                if begins > here:
                    return begins
        return None


@dataclass(frozen=True)
class Endpoint:
    """A language model behind OpenAI's chat interface, that says a quotation in plainer words.

    `address` is what stands before `/v1/chat/completions`, `timeout` in seconds is for the whole answer. It is `inside`
    when the operator runs it in the node's own network; to any other one, asking is a disclosure.
    """

    address: str
    model: str
    key: str = ""
    timeout: float = 8.0
    inside: bool = False

    @property
    def host(self) -> str:
        """Whom evidence names."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True)
class Arrangements:
    """The whole file; without one, what stands here."""

    thresholds: Mapping[str, float] = field(default_factory=dict)
    """`answered` and `partly`, as far as the operator chose them."""
    agencies: tuple[Agency, ...] = ()
    hours: Hours | None = None
    numbers: Mapping[str, str] = field(default_factory=lambda: NUMBERS)
    questions_a_minute: int = 20
    endpoint: Endpoint | None = None
    origins: tuple[str, ...] = ()
    mail: str = ""
    facts: str = ""
    """The service of the exchange that knows people's circumstances, with its path."""


def arrangements() -> Arrangements:
    """What holds now. Raises BadArrangements."""
    path = settings.COMMONWEAL.home / FILE
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return Arrangements()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Arrangements:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        agencies = tuple(Agency(one["name"], tuple(one["subjects"])) for one in found.get("agency", []))
        thresholds = dict(found.get("thresholds", {}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadArrangements(f"{path}: is not TOML in UTF-8: {error}") from None
    except (KeyError, TypeError):
        raise BadArrangements(
            f"{path}: each [[agency]] needs `name` and a list `subjects`; [thresholds] may hold `answered` and `partly`"
        ) from None
    _check_names(found, SECTIONS, path)
    if not all(name in ("answered", "partly") and isinstance(one, int | float) for name, one in thresholds.items()):
        raise BadArrangements(f"{path}: [thresholds]: write `answered` and `partly` as chances between 0 and 1")
    if unknown := set(found.get("numbers", {})) - set(NUMBERS):
        raise BadArrangements(f"{path}: [numbers] {unknown.pop()}: use {', '.join(NUMBERS)}")
    if not all(isinstance(number, str) for number in found.get("numbers", {}).values()):
        raise BadArrangements(f'{path}: [numbers]: write each in quotation marks, such as "112"')
    limit = found.get("limits", {}).get("questions_a_minute", 20)
    if not isinstance(limit, int) or limit < 1:
        raise BadArrangements(f"{path}: [limits] questions_a_minute: write a whole number above 0")
    hours = _hours(found["hours"], path) if "hours" in found else None
    endpoint = _endpoint(found["endpoint"], path) if "endpoint" in found else None
    mail = found.get("mail", {}).get("address", "")
    if "mail" in found and not MAIL.fullmatch(str(mail)):
        raise BadArrangements(f'{path}: [mail] address: write one like "ask@town.example"')
    facts = found.get("facts", {}).get("service", "")
    if "facts" in found and not SERVICE.fullmatch(str(facts)):
        raise BadArrangements(
            f'{path}: [facts] service: write one like "ALD/GOV/register/population/circumstances/read"'
        )
    origins = _origins(found.get("embed", {}).get("origins", []), path)
    numbers = NUMBERS | found.get("numbers", {})
    return Arrangements(thresholds, agencies, hours, numbers, limit, endpoint, origins, mail, facts)


def _endpoint(found: dict[str, Any], path: Path) -> Endpoint:
    where = f"{path}: [endpoint]"
    try:
        endpoint = Endpoint(**found)
    except TypeError:
        raise BadArrangements(f"{where}: needs `address` and `model`; may hold `key`, `timeout` and `inside`") from None
    parts = urlsplit(str(endpoint.address))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadArrangements(f'{where} address: write one like "http://127.0.0.1:8080"')
    if parts.scheme == "http" and not endpoint.inside:
        raise BadArrangements(f"{where} address: https, unless `inside = true` says that it is in the node's network")
    if not isinstance(endpoint.timeout, int | float) or not 0 < endpoint.timeout <= LONGEST_WAIT:
        raise BadArrangements(f"{where} timeout: write seconds, at most {LONGEST_WAIT}")
    if not isinstance(endpoint.inside, bool):
        raise BadArrangements(f"{where} inside: write true or false")
    return endpoint


def _origins(found: Any, path: Path) -> tuple[str, ...]:
    """The sites that may show the assistant in a frame: each without a path, and none for all."""
    if not isinstance(found, list) or not all(ORIGIN.fullmatch(str(one)) for one in found):
        raise BadArrangements(f'{path}: [embed] origins: write a list like ["https://www.town.example"]')
    return tuple(found)


def _check_names(found: dict[str, Any], known: tuple[str, ...], path: Path) -> None:
    """An entry that nothing reads is a mistake that nobody would notice."""
    if unknown := sorted(set(found) - set(known)):
        raise BadArrangements(f"{path}: {unknown[0]}: use {', '.join(known)}")


def _hours(found: dict[str, Any], path: Path) -> Hours:
    try:
        zone = ZoneInfo(found["zone"])
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        raise BadArrangements(f'{path}: [hours] zone: write one like "Europe/Berlin"') from None
    days = {}
    for at, name in enumerate(DAYS):
        if name in found:
            try:
                begins, ends = (time.fromisoformat(part.strip()) for part in found[name].split("-"))
            except (ValueError, AttributeError):
                raise BadArrangements(f'{path}: [hours] {name}: write hours like "08:00-16:00"') from None
            days[at] = (begins, ends)
    closed = found.get("closed", [])
    if not all(isinstance(one, date) for one in closed):
        raise BadArrangements(f"{path}: [hours] closed: write dates like [2026-12-25]")
    return Hours(zone, days, frozenset(closed))
