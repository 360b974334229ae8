"""What the freeze fixes, put together from what the roles handed over: one plan, and all that it binds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import SystemRandom
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from commonweal.services.voting import pass_keys, receipts
from commonweal.services.voting.box import bundle
from commonweal.services.voting.box.ceremony import needed
from commonweal.services.voting.engine import passes
from commonweal.services.voting.engine.election import AnyQuestion, Election, RankedQuestion
from commonweal.services.voting.frozen import Package, Plan, machine_mark, setup_of
from commonweal.services.voting.roles import authority, trustee
from commonweal.services.voting.values import LISTED, Standing


def package(known: Standing, key_messages: Sequence[Any], credentials: Mapping[str, Any]) -> Package:
    """The package, its own rules not checked yet.

    `key_messages` are the public files of the trustees and of the ballot server, `credentials` that of the credential
    authority. Raises engine.refusal.Refused for a file that is none, or of another election.
    """
    uuid, written, node = known.uuid, known.draft, settings.COMMONWEAL
    trustees, machines = trustee.assemble(uuid, key_messages)
    receipt_key, box_machine = receipts.key_in(key_messages)
    listed, authority_machine = authority.read_public(uuid, credentials)
    election = Election(
        name=written.name,
        description=written.description,
        public_key=trustees.verify(),
        questions=tuple(with_lot(question) for question in written.questions),
        uuid=uuid,
    )
    plan = Plan(
        uuid=uuid,
        setup=setup_of(election, trustees, listed),
        opens=written.opens,
        closes=written.closes,
        board_every=written.board_every,
        box=written.box,
        node=origin(node.address),
        bundle=bundle.digest(),
        pass_key=passes.public_jwk(pass_keys.make(node, uuid).public_key()),
        shuffles=needed(trustees) if election.ranked else 0,
        binding=written.binding,
        machines={"administrator": machine_mark(uuid), "credential authority": authority_machine}
        | box_machine
        | machines,
        order=written.order or (LISTED,) * len(written.questions),
        texts=written.texts,
        receipt_key=receipt_key,
    )
    return Package(plan, election, trustees, listed)


def with_lot(question: AnyQuestion) -> AnyQuestion:
    """A ranked question with the lot that decides its ties: drawn now, in public, before anybody votes."""
    if not isinstance(question, RankedQuestion) or not isinstance(question.method, dict):
        return question
    lot = list(range(len(question.answers)))
    SystemRandom().shuffle(lot)
    value = dict(question.method.get("value", {})) | {"lot": lot}
    return replace(question, method={"type": question.method["type"], "value": value})


def origin(address: str) -> str:
    """The web origin of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
