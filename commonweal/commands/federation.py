"""Begin a federation, invite members into it, publish what they offer, change their keys."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from commonweal.commands import start_django
from commonweal.config import node as nodes

if TYPE_CHECKING:
    from commonweal.core.exchange.membership import Membership


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    found = what.add_parser("found", help="begin a federation whose directory this node keeps")
    found.add_argument("instance", help="its short name in every address: ALD")
    found.add_argument("--address", required=True, help="where other nodes reach this node's gateway")
    invite = what.add_parser("invite", help="print a code with which one member can join")
    invite.add_argument("member", help="INSTANCE/CLASS/CODE, for example ALD/GOV/benefits")
    what.add_parser("publish", help="put what is in offers/ and the systems in exchange.toml into the directory")
    rotate = what.add_parser("rotate", help="give a member of this node a new signing key")
    rotate.add_argument("member")
    revoke = what.add_parser("revoke", help="take a member's key out of force")
    revoke.add_argument("member")
    revoke.add_argument("key", help="its id, as `commonweal federation show` prints it")
    subscribe = what.add_parser("subscribe", help="let another agency's system be told of events; prints the secret")
    subscribe.add_argument("system", help="INSTANCE/CLASS/CODE/SYSTEM")
    subscribe.add_argument("address", help="where deliveries are sent (Standard Webhooks)")
    subscribe.add_argument("--types", nargs="+", required=True, help="registry.person.moved ...")
    subscribe.add_argument("--purpose", required=True)
    subscribe.add_argument("--agency", default="", help="whom the node's rules take it for (default: the member)")
    subscribe.add_argument("--scheme", default="", help="how people are named (default: the agency's own pairwise ids)")
    subscribe.add_argument("--most", type=int, default=1, help="events of one delivery; above 1 in CloudEvents batches")
    replay = what.add_parser("replay", help="tell a subscriber again of everything after a position")
    replay.add_argument("subscription", type=UUID)
    replay.add_argument("position", type=int)
    what.add_parser("show", help="print who is in the federation")
    compare = what.add_parser("compare", help="look in the other nodes' logs for what they told this one")
    compare.add_argument("--patience", type=float, default=10, help="minutes that an entry may wait for its place")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.exchange import directory, federation, membership, offers, service, statements
    from commonweal.core.exchange.administration.service import BadSubscription, NoSubscription
    from commonweal.core.exchange.member_keys import UnfitKey
    from commonweal.core.exchange.xroad import Fault
    from commonweal.core.ledger.keys import UnsafeKeys

    node = nodes.load()
    try:
        if options.what == "found":
            joined = service.found(node, options.instance, options.address.rstrip("/"))
            print(f"{joined.instance} is founded; its directory is served at {joined.address}/exchange/directory")
            return 0
        known = membership.load(node)
        if known is None:
            print("commonweal federation: this node is in no federation; see: commonweal join --help", file=sys.stderr)
            return 2
        return DO[options.what](known, options)
    except (
        membership.BadMembership, directory.BadDirectory, statements.BadStatement, statements.BadCode, offers.BadOffer,
        federation.Unreachable, UnsafeKeys, UnfitKey, Fault, BadSubscription, NoSubscription,
    ) as error:  # fmt: skip
        print(f"commonweal federation: {error}", file=sys.stderr)
        return 1


def _invite(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange import service
    from commonweal.core.exchange.xroad import member_id

    print(service.invite(joined, member_id(options.member)))
    print("Hand this code over yourself; it works once, within a week: commonweal join CODE", file=sys.stderr)
    return 0


def _publish(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange import service

    for member, systems in service.publish(joined):
        names = ", ".join(f"{system.code} ({len(system.services)} services)" for system in systems)
        print(f"{member}: {names or 'no systems'}")
    return 0


def _rotate(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange import service
    from commonweal.core.exchange.xroad import member_id

    print(f"In force now: {service.rotate(joined, member_id(options.member))}")
    return 0


def _revoke(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange import service
    from commonweal.core.exchange.xroad import member_id

    service.revoke(joined, member_id(options.member), options.key)
    print(f"Out of force: {options.key}")
    return 0


def _show(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange import federation

    current = federation.newest(joined)
    print(f"{current.instance}, version {current.serial}, usable until {current.expires}")
    for member in current.members:
        print(f"{member.id} at {member.node}")
        for key in member.keys:
            print(f"  key {key.id} since {key.since}" + (f", revoked {key.revoked}" if key.revoked else ""))
        for system in member.systems:
            print(f"  {system.code}: {', '.join(one.code for one in system.services) or 'asks only'}")
    return 0


def _subscribe(joined: Membership, options: argparse.Namespace) -> int:
    import base64

    from commonweal.core.exchange.administration import service
    from commonweal.core.exchange.xroad import subsystem_id
    from commonweal.core.identity.actors import the_node

    made = service.subscribe(
        the_node("command"), subsystem_id(options.system), options.types, options.purpose, options.address,
        agency=options.agency, scheme=options.scheme, most=options.most,
    )  # fmt: skip
    print(f"{made.id} whsec_{base64.b64encode(made.secret).decode()}")
    return 0


def _replay(joined: Membership, options: argparse.Namespace) -> int:
    from commonweal.core.exchange.administration import service
    from commonweal.core.identity.actors import the_node

    service.replay(the_node("command"), options.subscription, options.position)
    return 0


def _compare(joined: Membership, options: argparse.Namespace) -> int:
    from datetime import timedelta

    from commonweal.core.exchange import service

    found = service.compare(joined, timedelta(minutes=options.patience))
    for problem in (*found.missing, *found.unreachable):
        print(f"- {problem}")
    print(f"{found.compared} entries of other nodes compared, {len(found.missing)} are missing")
    return 1 if found.missing or found.unreachable else 0


DO: dict[str, Callable[[Membership, argparse.Namespace], int]] = {
    "invite": _invite,
    "publish": _publish,
    "rotate": _rotate,
    "revoke": _revoke,
    "show": _show,
    "compare": _compare,
    "subscribe": _subscribe,
    "replay": _replay,
}
