"""What auditors and operators see of the exchange: who asked whom for what, who cosigned; nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commonweal.core.exchange import cosigning, federation, membership
from commonweal.core.exchange.directory import BadDirectory, Directory
from commonweal.core.exchange.membership import BadMembership, Membership
from commonweal.core.exchange.models import Side

SHOWN = 100
TITLE = _("Exchanges")


@dataclass(frozen=True)
class Exchange:
    """One act of an exchange: `kind` asked, received or provided."""

    at: datetime
    kind: str
    client: str
    service: str
    permitted: bool
    message: str


@dataclass(frozen=True)
class Cosigner:
    """A witness and what it said when it was asked last."""

    name: str
    said: str

    @property
    def cosigned(self) -> bool:
        return self.said == cosigning.COSIGNED


@dataclass(frozen=True)
class Overview:
    """The newest exchanges, newest first, the federation and its directory in use, and the witnesses.

    In no federation there is neither membership nor problem; `problem` says why they cannot be used.
    """

    joined: Membership | None
    directory: Directory | None
    problem: str
    exchanges: tuple[Exchange, ...]
    cosigners: tuple[Cosigner, ...]
    cosigned: datetime | None  # when a quorum last cosigned
    cosigned_size: int | None


def overview() -> Overview:
    """As it is now."""
    status = cosigning.status(settings.COMMONWEAL.logs / cosigning.STATUS_FILE)
    last = status.get("last") or {}
    said = [Cosigner(name, word) for name, word in status.get("witnesses", {}).items()]
    at = datetime.fromtimestamp(last["time"], UTC) if last else None
    return Overview(*_place(), tuple(exchanges(SHOWN)), tuple(said), at, last.get("size"))


def exchanges(limit: int, message: str = "") -> list[Exchange]:
    """The newest, newest first; with a `message` (X-Road-Id) only its own."""
    rows = Side.objects.filter(**({"message": message} if message else {})).order_by("-act")[:limit]
    return [Exchange(row.at, row.kind, row.client, row.service, row.permitted, row.message) for row in rows]


def _place() -> tuple[Membership | None, Directory | None, str]:
    joined = None
    try:
        joined = membership.load(settings.COMMONWEAL)
        return joined, federation.newest(joined) if joined else None, ""
    except (BadMembership, BadDirectory) as error:
        return joined, None, str(error)
