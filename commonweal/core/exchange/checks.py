"""What is wrong with this node's part in its federation, for `commonweal check` and the operator's page."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.utils.translation import gettext as _

from commonweal.core.exchange import cosigning, member_keys, membership, offers, witness_policy
from commonweal.core.exchange.membership import BadMembership
from commonweal.core.exchange.witness_policy import BadWitnessPolicy
from commonweal.core.exchange.xroad import SubsystemId
from commonweal.core.ledger.keys import UnsafeKeys

STALE_SECONDS = 60


@register("security", deploy=True)
def settings_can_be_used(**_arguments: Any) -> list[CheckMessage]:
    """exchange.toml, the witness policy, every offer, and the keys of the members."""
    node = settings.COMMONWEAL
    found = offers.problems(node.home)
    try:
        joined = membership.load(node)
        for client in joined.clients.values() if joined else ():
            found += _key_problems(client.system)
    except BadMembership as error:
        found.append(str(error))
    try:
        witness_policy.load(node.home)
    except BadWitnessPolicy as error:
        found.append(f"{witness_policy.FILE}: {error}")
    return [Warning(problem, id="exchange.W001") for problem in found]


def worries() -> list[str]:
    """What operators must know now: for how long no quorum of witnesses has cosigned."""
    status = cosigning.status(settings.COMMONWEAL.logs / cosigning.STATUS_FILE)
    if not status or status.get("quorum"):
        return []
    last = status.get("last")
    silent = ", ".join(f"{name}: {word}" for name, word in status["witnesses"].items() if word != cosigning.COSIGNED)
    if last is None:
        return [_("No checkpoint was ever cosigned by a quorum of witnesses (%(silent)s).") % {"silent": silent}]
    age = int(time.time()) - last["time"]
    if age < STALE_SECONDS:
        return []
    return [
        _(
            "The last checkpoint that a quorum of witnesses cosigned is %(minutes)d minutes old; newer entries wait "
            "(%(silent)s). Acts go on meanwhile."
        )
        % {"minutes": age // 60, "silent": silent}
    ]


def _key_problems(system: SubsystemId) -> list[str]:
    try:
        member_keys.load(membership.key_path(settings.COMMONWEAL, system.member.code))
    except UnsafeKeys as error:
        return [str(error)]
    return []
