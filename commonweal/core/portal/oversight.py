"""How the node is doing, in counts: for auditors (are the rules kept) and operators (does it run)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

import commonweal
from commonweal.core import clock
from commonweal.core.exchange import checks as exchange
from commonweal.core.ledger import sealed
from commonweal.core.ledger import service as ledger
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.sealed import Waiting
from commonweal.core.ledger.verify import Checkpoint
from commonweal.core.policy.actions import Undeclared, Words, action_named
from commonweal.core.portal.uses import agency_names

WINDOW = timedelta(days=30)
LOW_DISK = 1_000_000_000


@dataclass(frozen=True)
class Count:
    """How often an agency did something within the window."""

    agency: str
    action: str
    says: Words
    permitted: int
    refused: int
    automatic: int


@dataclass(frozen=True)
class PolicyVersion:
    """One published version of the rules and its place in the log (None: waiting)."""

    version: str
    index: int | None


@dataclass(frozen=True)
class Overview:
    """What auditors see."""

    since: datetime
    counts: tuple[Count, ...]
    policies: tuple[PolicyVersion, ...]
    epochs: int
    checkpoint: Checkpoint | None
    sealed: Waiting
    sealed_late: int  # entries under seal whose day has passed

    @property
    def total(self) -> int:
        return sum(count.permitted + count.refused for count in self.counts)

    @property
    def refused(self) -> int:
        return sum(count.refused for count in self.counts)


@dataclass(frozen=True)
class Status:
    """What operators see. `worries` are sentences that name the remedy; empty when all is well."""

    version: str
    engine: str
    people: int
    entries: int
    leaves: int
    pending: int
    checkpoint: Checkpoint | None
    published: datetime | None
    database_bytes: int
    disk_free_bytes: int
    tasks_waiting: int
    tasks_failed: int
    worries: tuple[str, ...]


def overview() -> Overview:
    """Count the last 30 days by agency and action, and list the rules' versions."""
    since = clock.now() - WINDOW
    epochs = _count_documents(Kind.EPOCH)
    return Overview(since, _counts(since), _policies(), epochs, _checkpoint(), sealed.waiting(), _sealed_late())


def status() -> Status:
    """Measure the node."""
    folder = settings.COMMONWEAL.home
    pending, free = _number("SELECT COUNT(*) FROM ledger_pending"), shutil.disk_usage(folder).free
    failed = _number("SELECT COUNT(*) FROM django_tasks_database_dbtaskresult WHERE status = 'FAILED'")
    published = _published()
    return Status(
        version=commonweal.__version__,
        engine=connection.vendor,
        people=_number("SELECT COUNT(*) FROM identity_person"),
        entries=_number("SELECT COUNT(*) FROM ledger_chain"),
        leaves=_number("SELECT COUNT(*) FROM ledger_leaf"),
        pending=pending,
        checkpoint=_checkpoint(),
        published=published,
        database_bytes=_database_bytes(),
        disk_free_bytes=free,
        tasks_waiting=_number("SELECT COUNT(*) FROM django_tasks_database_dbtaskresult WHERE status = 'READY'"),
        tasks_failed=failed,
        worries=tuple(_worries(pending, free, failed)),
    )


def _worries(pending: int, free: int, failed: int) -> list[str]:
    found = []
    standstill = settings.COMMONWEAL.logs / "standstill.txt"
    if standstill.exists():
        found.append(standstill.read_text("utf-8").strip())
    if pending > 1_000:
        found.append(_("Many entries wait for the public log: is the sequencer running? See its log."))
    if free < LOW_DISK:
        found.append(_("Less than 1 GB of disk space is left: make room before the node stops."))
    if late := _sealed_late():
        found.append(_("Entries under seal should be open by now (%(late)s): is the worker running?") % {"late": late})
    if failed:
        found.append(_("Some background tasks failed: see the worker's log."))
    return found + exchange.worries()


def _sealed_late() -> int:
    return len(sealed.due(clock.now().date() - timedelta(days=1)))


def _counts(since: datetime) -> tuple[Count, ...]:
    first = int(since.timestamp() * 1000).to_bytes(6, "big") + bytes(10)
    if connection.vendor == "sqlite":
        field = "json_extract(CAST(body AS TEXT), '$.{}')"
        yes = "= 1"
    else:
        field = "convert_from(body, 'UTF8')::json->>'{}'"
        yes = "= 'true'"
    agency, action, decision, automatic = (field.format(name) for name in ("agency", "action", "decision", "automatic"))
    refused = f"CASE WHEN {decision} = 'refused' THEN 1 ELSE 0 END"
    by_machine = f"CASE WHEN {automatic} {yes} THEN 1 ELSE 0 END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {agency}, {action}, COUNT(*), SUM({refused}), SUM({by_machine}) FROM ledger_record "  # noqa: S608
            "WHERE act >= %s GROUP BY 1, 2 ORDER BY 3 DESC",
            [first],
        )
        rows = cursor.fetchall()
    names = agency_names()
    return tuple(
        Count(names.get(agency, agency or ""), action, _says(action), count - refused, refused, automatic)
        for agency, action, count, refused, automatic in rows
    )


def _says(action: str) -> Words:
    try:
        return action_named(action).says
    except Undeclared:
        return action


def _policies() -> tuple[PolicyVersion, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document.hash, log.idx FROM ledger_document document "
            "LEFT JOIN ledger_log log ON log.leaf_id = document.leaf_id WHERE kind = %s ORDER BY document.leaf_id DESC",
            [Kind.POLICY],
        )
        return tuple(PolicyVersion(bytes(version).hex(), index) for version, index in cursor.fetchall())


def _count_documents(kind: Kind) -> int:
    return _number("SELECT COUNT(*) FROM ledger_document WHERE kind = %s", [kind])


def _checkpoint() -> Checkpoint | None:
    try:
        return ledger.checkpoint()
    except FileNotFoundError:
        return None


def _published() -> datetime | None:
    path: Path = settings.COMMONWEAL.log / "checkpoint"
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone() if path.exists() else None


def _database_bytes() -> int:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return path.stat().st_size if path.exists() else 0
    return _number("SELECT pg_database_size(current_database())")


def _number(statement: str, parameters: Sequence[int] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])
