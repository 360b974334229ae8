"""Data agreements: a purpose and an agency that uses data for it, in every wording that they have had.

Agreements are not written by hand: they follow from the purposes that the rooms declare. Each wording is kept, so that
a consent can be shown beside the very text that it was given to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import override

from commonweal.core import clock
from commonweal.core.clock import stamp
from commonweal.core.identity.accounts import UnknownAgency
from commonweal.core.identity.accounts import agency as agency_called
from commonweal.core.policy import models, published
from commonweal.core.policy.actions import Basis, Purpose, declared_purposes

THE_POLICY = "1"  # a node has one policy: the rules that it has published


@dataclass(frozen=True)
class Policy:
    """The rules that a node decides by; `version` is the SHA-256 of their document in the public log."""

    name: str
    version: str
    address: str
    id: str = THE_POLICY


@dataclass(frozen=True)
class Agreement:
    """What data an agency uses for which purpose, on which lawful basis, in English."""

    purpose: str
    agency: str
    agency_name: str
    says: str
    basis: Basis
    data: tuple[str, ...]
    kept: str

    @property
    def id(self) -> str:
        return name(self.purpose, self.agency)


@dataclass(frozen=True)
class Revision:
    """One wording: the JSON text that `hash` (SHA-256, hex) covers, and the hash of the wording before."""

    hash: str
    schema: str
    object_id: str
    snapshot: str
    at: datetime
    predecessor: str


class NoAgreement(LookupError):
    """No room declares such a purpose for such an agency."""


class NoRevision(LookupError):
    """There was never such a wording."""


def name(purpose: str, agency: str) -> str:
    """The id of a data agreement."""
    return f"{purpose}@{agency}"


def policy() -> Policy:
    """The policy in force. Raises NoRules."""
    version = published.in_force().version.hex()
    return Policy(
        f"Rules of {settings.COMMONWEAL.name}", version, f"{settings.COMMONWEAL.address}/log/document/{version}"
    )


def agreements() -> list[Agreement]:
    """Every data agreement of the node, by purpose and agency."""
    return [_agreement(why, agency) for why in declared_purposes() for agency in why.by]


def agreement(id_: str) -> Agreement:
    """Raises NoAgreement."""
    purpose, _at, agency = id_.partition("@")
    for why in declared_purposes():
        if why.name == purpose and agency in why.by:
            return _agreement(why, agency)
    raise NoAgreement(f"There is no data agreement {id_[:80]!r}")


def policy_revision(found: Policy) -> Revision:
    """The wording of the policy now, kept from now on."""
    return _current("Policy", found.id, {"name": found.name, "version": found.version, "url": found.address})


def revision_of(found: Agreement) -> Revision:
    """The wording of an agreement now, kept from now on."""
    data = {
        "purpose": found.says, "purposeName": found.purpose, "lawfulBasis": found.basis, "data": list(found.data),
        "kept": found.kept, "controller": {"id": found.agency, "name": found.agency_name},
    }  # fmt: skip
    return _current("DataAgreement", found.id, data)


def revision_at(found: Agreement, moment: datetime) -> Revision:
    """The wording that stood at a moment; the first known one for a moment before that."""
    now = revision_of(found)
    rows = models.Revision.objects.filter(schema="DataAgreement", object_id=found.id).order_by("at")
    row = rows.filter(at__lte=moment).last() or rows.first()
    return _value(row) if row else now


def revision(hash_: str) -> Revision:
    """Raises NoRevision."""
    row = models.Revision.objects.filter(hash=hash_).first()
    if row is None:
        raise NoRevision("There was never such a revision")
    return _value(row)


def revisions(schema: str, object_id: str) -> list[Revision]:
    """Every wording there has been, oldest first."""
    return [_value(row) for row in models.Revision.objects.filter(schema=schema, object_id=object_id).order_by("at")]


def successors(schema: str, object_id: str) -> dict[str, str]:
    """Which wording came after which, by hash."""
    rows = models.Revision.objects.filter(schema=schema, object_id=object_id).exclude(predecessor="")
    return dict(rows.values_list("predecessor", "hash"))


def _agreement(why: Purpose, agency: str) -> Agreement:
    with override("en"):
        try:
            called = agency_called(agency).name("en")
        except UnknownAgency:
            called = agency
        return Agreement(why.name, agency, called, str(why.says), why.basis, why.data, str(why.kept))


def _current(schema: str, object_id: str, data: Mapping[str, Any]) -> Revision:
    newest = models.Revision.objects.filter(schema=schema, object_id=object_id).order_by("at").last()
    if newest is not None and json.loads(newest.snapshot)["objectData"] == data:
        return _value(newest)
    now = clock.now()
    text = json.dumps(
        {"objectData": data, "objectId": object_id, "schemaName": schema, "timestamp": stamp(now)},
        ensure_ascii=False, sort_keys=True,
    )  # fmt: skip
    before = newest.hash if newest else ""
    row = models.Revision(hashlib.sha256(text.encode()).hexdigest(), schema, object_id, text, now, before)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another process noted it in this moment
        return _value(models.Revision.objects.get(schema=schema, object_id=object_id, predecessor=before))
    return _value(row)


def _value(row: models.Revision) -> Revision:
    return Revision(row.hash, row.schema, row.object_id, row.snapshot, row.at, row.predecessor)
