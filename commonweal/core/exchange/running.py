"""What the gateway process holds while it runs: the directory, our offers and keys, the desk, connections."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

import httpcore
from nacl.signing import SigningKey

from commonweal.core.exchange import federation, member_keys, membership, offers, service, sides
from commonweal.core.exchange.desk import Desk
from commonweal.core.exchange.directory import BadDirectory, Directory, Service
from commonweal.core.exchange.membership import Membership
from commonweal.core.exchange.offers import Offer
from commonweal.core.exchange.spool import Spool
from commonweal.core.exchange.xroad import MemberId
from commonweal.core.identity import people
from commonweal.core.identity.actors import Person

LOOK_SECONDS = 1.0  # how soon a directory that another process stored is noticed
ASK_SECONDS = 60.0  # how often the keeper of the directory is asked
HOUR = 3_600.0
security_log = logging.getLogger("commonweal.security")
log = logging.getLogger("commonweal.exchange")


class Running:
    """One gateway."""

    def __init__(self, joined: Membership) -> None:
        self.joined = joined
        self.node = joined.node
        self.spool = joined.node.home / "spool"
        self.desk = Desk()
        self.pool = httpcore.AsyncConnectionPool(max_connections=128, max_keepalive_connections=64)
        self.offers: dict[tuple[str, str, str], Offer] = {}
        self.in_flight: set[bytes] = set()
        self._directory: Directory | None = None
        self._note: str | None = None
        self._asked = -ASK_SECONDS  # when the keeper of the directory was asked last
        self._settings: list[tuple[str, int]] = []
        self._keys: dict[MemberId, tuple[SigningKey, str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read the directory and keep up with it."""
        await self.look()
        self._tasks = [
            asyncio.create_task(self._repeat(self.look, LOOK_SECONDS)),
            asyncio.create_task(self._repeat(self._tend, ASK_SECONDS)),
        ]

    async def stop(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        await self.pool.aclose()
        self.desk.close()

    @property
    def directory(self) -> Directory:
        """The newest directory. Raises BadDirectory when there is none."""
        if self._directory is None:
            raise BadDirectory("this node holds no directory yet")
        return self._directory

    @property
    def directory_name(self) -> str:
        """How messages name the newest directory."""
        return f"{self.directory.serial}:{self.directory.hash}"

    async def look(self) -> None:
        """Notice a directory that was stored meanwhile, and changed settings."""
        self._read_settings()
        note = await self.desk.read(federation.newest_note)
        if note is not None and note != self._note:
            self._directory = await self.desk.read(lambda: federation.newest(self.joined))
            self._note = note

    async def refresh(self, *, at_most_every: float = 0.0) -> None:
        """Ask the keeper of the directory for the newest one. Raises Unreachable, BadDirectory."""
        now, before = time.monotonic(), self._asked
        if not self.joined.authority_here and now - before >= at_most_every:
            self._asked = now
            note = await asyncio.to_thread(federation.fetch_directory, self.joined.authority_address)
            await self.desk.read(lambda: service.adopt(self.joined, note))
        await self.look()

    def hosts(self, member: MemberId) -> bool:
        """Whether a member is one of this node's."""
        found = self.directory.member(member)
        return found is not None and found.node == self.node.origin

    def offer(self, member: str, system: str, code: str) -> Offer | None:
        return self.offers.get((member, system, code))

    def signing_key(self, member: MemberId) -> tuple[SigningKey, str]:
        """The key of one of our members and its id. Raises UnsafeKeys."""
        if member not in self._keys:
            key = member_keys.load(membership.key_path(self.node, member.code))
            keyid = member_keys.key_id(member_keys.vkey(str(member), key))
            self._keys[member] = SigningKey(key.private_bytes_raw()), keyid
        return self._keys[member]

    def subject_name(self, described: Service, scheme: str, body: Spool) -> tuple[str, str] | None:
        """(scheme, value) of the person in a request's body, where the service's description says."""
        if not described.subject:
            return None
        try:
            found = body.json
            for step in described.subject.split("/")[1:]:
                found = found[step]
            stated, value = found["scheme"], found["value"]
        except (ValueError, KeyError, TypeError):
            return None
        return (stated, value) if isinstance(value, str) and stated == (scheme or stated) else None

    async def person(self, name: tuple[str, str] | None) -> Person | None:
        """Who is called so here, if anybody."""
        return None if name is None else await self.desk.read(lambda: people.identify(*name))

    def note_refusal(self, code: str, client: str, service_name: str, message: str) -> None:
        """Nobody proved who sent it: the security log says so, and a leaf seals the log once a minute.

        Only the service's name is noted: the path after it may name a person.
        """
        service = "/".join(service_name.split("/")[:5])[:200]
        fields = {"fault": code, "client": client[:200], "service": service, "message": message[:100]}
        security_log.warning("exchange refused", extra={"fields": fields})

    def _read_settings(self) -> None:
        home = self.node.home
        files = [home / membership.FILE, *offers.paths(home), *self.node.keys.glob("member-*.ed25519")]
        seen = [(path.name, path.stat().st_mtime_ns) for path in files]
        if seen == self._settings:
            return
        self._settings = seen
        self._keys.clear()
        try:
            self.joined = membership.load(self.node) or self.joined
            self.offers = offers.load(home)
        except (membership.BadMembership, offers.BadOffer) as error:
            log.error("settings of the exchange were not taken over: %s", error)

    async def _tend(self) -> None:
        await self.desk.read(lambda: sides.forget_old_nonces(int(time.time()) - 60))
        await self.desk.read(lambda: service.renew(self.joined))
        with suppress(federation.Unreachable):
            await self.refresh()

    async def _repeat(self, work: object, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()  # type: ignore[operator]
            except Exception:
                log.exception("%s failed; trying again later", work)
