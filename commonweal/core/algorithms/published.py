"""Records of algorithms as public documents: each version becomes a leaf of the log, so that no change goes unseen.

The names of the fields are those of the UK's Algorithmic Transparency Recording Standard 2.1, where it has them.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

from django.db import connection
from django.utils.translation import override

from commonweal.core.algorithms.declared import algorithms
from commonweal.core.algorithms.values import Algorithm, PublishedRecord
from commonweal.core.ledger import verify
from commonweal.core.ledger.entries import add_document
from commonweal.core.ledger.leaves import Kind

ALGORITHM = 7  # the kind of leaf; a verifier that does not know it would refuse the log


def document(algorithm: Algorithm, language: str = "en") -> dict[str, Any]:
    """The record as JSON values."""
    with override(language):
        return {
            "id": algorithm.name,
            "standard": "ATRS 2.1",
            "name": str(algorithm.title),
            "description": str(algorithm.summary),
            "contact_email": algorithm.contact,
            "organisation": algorithm.owner,
            "senior_responsible_owner": str(algorithm.responsible),
            "external_supplier": str(algorithm.supplier),
            "scope": str(algorithm.scope),
            "benefit": str(algorithm.benefit),
            "previous_process": str(algorithm.before),
            "alternatives_considered": str(algorithm.alternatives),
            "process_integration": str(algorithm.place),
            "provided_information": str(algorithm.gives),
            "frequency_and_scale": str(algorithm.scale),
            "human_decision": str(algorithm.oversight),
            "required_training": str(algorithm.training),
            "appeal_review": str(algorithm.appeals),
            "method": str(algorithm.method),
            "phase": algorithm.phase,
            "model_name": str(algorithm.model),
            "version": algorithm.version,
            "datasets": [
                {
                    "name": str(one.name),
                    "description": str(one.says),
                    "source": str(one.source),
                    "period": str(one.period),
                }
                for one in algorithm.data
            ],
            "model_performance": [
                {"group": str(one.group), "measure": str(one.measure), "value": one.value, "cases": one.cases}
                for one in algorithm.quality
            ],
            "measured": algorithm.measured.isoformat(),
            "risks": [{"risk": str(one.says), "mitigation": str(one.against)} for one in algorithm.risks],
            "impact_assessment": str(algorithm.impact),
            "adverse_advice": algorithm.adverse.name if algorithm.adverse else None,
            "changes": [
                {"version": one.version, "since": one.since.isoformat(), "description": str(one.says)}
                for one in algorithm.changes
            ],
        }


def body(algorithm: Algorithm) -> bytes:
    """The bytes that the log commits to."""
    described = {"version": 1, "kind": "algorithm", "record": document(algorithm)}
    return json.dumps(described, sort_keys=True, ensure_ascii=False).encode()


def digest(algorithm: Algorithm) -> bytes:
    """The SHA-256 of the record as it is declared now, 32 bytes."""
    return hashlib.sha256(body(algorithm)).digest()


def publish() -> None:
    """Publish each declared record that is not the newest of its algorithm already."""
    if ALGORITHM not in verify.DOCUMENTED:
        return
    for algorithm in algorithms():
        newest = next(iter(history(algorithm)), None)
        if newest is None or newest.hash != digest(algorithm).hex():
            add_document(cast(Kind, ALGORITHM), body(algorithm))


def history(algorithm: Algorithm) -> list[PublishedRecord]:
    """The published records of an algorithm, newest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash, body FROM ledger_document WHERE kind = %s ORDER BY leaf_id DESC", [ALGORITHM])
        found = [(bytes(hash_).hex(), json.loads(bytes(text))["record"]) for hash_, text in cursor.fetchall()]
    return [PublishedRecord(hash_, record["version"]) for hash_, record in found if record["id"] == algorithm.name]
