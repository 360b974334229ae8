"""A witness alone, as granian serves it (ASGI). `commonweal witness` sets the folder and the name."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from commonweal.config.processes import end_with_parent
from commonweal.core.exchange import member_keys
from commonweal.core.exchange.message import Message, Receive, Reply, Scope, Send
from commonweal.core.exchange.witness import LARGEST, Witness
from commonweal.core.ledger.verify import VerifierKey


class WitnessAlone:
    """One witness; the file `logs` is read again for each request, so that a log is added while it runs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.witness = Witness(name, member_keys.create(folder / "witness.ed25519"), folder / "cosigned")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        message = Message.of(scope, receive)
        body = await message.body(self.folder / "spool", LARGEST)
        content = b"".join(body.pieces())
        found = await asyncio.to_thread(self.witness.answer, message.method, message.path, content, self.logs())
        await Reply(found.status, {"content-type": found.kind}, found.body).send(send)

    def logs(self) -> dict[str, list[str]]:
        """The logs whose keys are listed."""
        known: dict[str, list[str]] = {}
        path = self.folder / "logs"
        for line in path.read_text("utf-8").splitlines() if path.exists() else []:
            if line.strip() and not line.startswith("#"):
                known.setdefault(VerifierKey.parse(line).name, []).append(line.strip())
        return known

    async def _live(self, receive: Receive, send: Send) -> None:
        while (event := await receive())["type"] != "lifespan.shutdown":
            if event["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})


end_with_parent()
application = WitnessAlone(Path(os.environ["COMMONWEAL_WITNESS"]), os.environ["COMMONWEAL_WITNESS_NAME"])
