"""A message's body while it passes: small in memory, large in an unlinked, encrypted file, digests on the way.

A body is given on only once its digest is known to be the signed one, so it must be held somewhere. The file has no
name and its key lives in memory alone: when the process ends, however it ends, nothing readable is left.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from hashlib import sha256, sha512
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

IN_MEMORY = 256 * 1024
PIECE = 64 * 1024


class TooLarge(ValueError):
    """The body is larger than what may pass."""


class Spool:
    """One body. Write it once, then read it as often as needed."""

    def __init__(self, folder: Path, largest: int) -> None:
        self.size = 0
        self._folder, self._largest = folder, largest
        self._sha256, self._sha512 = sha256(), sha512()
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises TooLarge."""
        self.size += len(piece)
        if self.size > self._largest:
            raise TooLarge(f"more than {self._largest} bytes")
        self._sha256.update(piece)
        self._sha512.update(piece)
        if self._file is None and self.size <= IN_MEMORY:
            self._memory += piece
            return
        if self._file is None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as the body
            self._cipher = Cipher(algorithms.AES256(secrets.token_bytes(32)), modes.CTR(secrets.token_bytes(16)))
            self._encrypt = self._cipher.encryptor()
            self._file.write(self._encrypt.update(bytes(self._memory)))
            self._memory.clear()
        self._file.write(self._encrypt.update(piece))

    @property
    def sha256(self) -> bytes:
        return self._sha256.digest()

    @property
    def sha512(self) -> bytes | None:
        """None for an empty body, as X-Road's request hash wants it."""
        return self._sha512.digest() if self.size else None

    def small(self) -> bytes | None:
        """The whole body when it fits in memory, else None."""
        return bytes(self._memory) if self._file is None else None

    @cached_property
    def json(self) -> Any:
        """What the body says, read once. Raises ValueError when it is not JSON, or was too large for memory."""
        return json.loads(self._memory)

    def pieces(self) -> Iterator[bytes]:
        """The body from its beginning."""
        if self._file is None:
            if self._memory:
                yield bytes(self._memory)
            return
        self._file.flush()
        self._file.seek(0)
        decrypt = self._cipher.decryptor()
        while piece := self._file.read(PIECE):
            yield decrypt.update(piece)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body from its beginning, for a client that sends it on."""
        for piece in self.pieces():
            yield piece

    def close(self) -> None:
        """Forget the body."""
        self._memory.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
