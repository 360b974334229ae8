"""Takes the third-party files of the booth from their npm packages: `python -m commonweal.services.voting.booth.build`.

Every file is the package's own, byte for byte, but one: libsodium carries its WebAssembly as Base64 inside a script.
It is cut out and kept as a binary file, which loads a quarter faster; putting it back gives the package's file again.
Needs neither node nor Django.
"""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path

from commonweal.services.voting.booth import VENDOR

PACKAGES = Path(__file__).parents[4] / "node_modules"
BLIND_RSA = "@cloudflare/blindrsa-ts/lib/src"
COPIED = {
    "blindrsa/blindrsa.js": f"{BLIND_RSA}/blindrsa.js",
    "blindrsa/util.js": f"{BLIND_RSA}/util.js",
    "blindrsa/sjcl/index.js": f"{BLIND_RSA}/sjcl/index.js",
    "uqr.mjs": "uqr/dist/index.mjs",
}
SODIUM = "libsodium-sumo/dist/modules-sumo-esm/libsodium-sumo.mjs"
_WASM_LITERAL = re.compile(r'"(AGFzb[A-Za-z0-9+/]+=*)"')  # "\0asm" in Base64


class BuildError(Exception):
    """The bundle cannot be completed; the message says why and what to do."""


def build() -> None:
    """Writes `static/vendor/` anew; the same packages give the same bytes.

    Raises: BuildError if a package is missing or is not of the form that was expected.
    """
    shutil.rmtree(VENDOR, ignore_errors=True)
    for target, source in COPIED.items():
        _write(target, _read(source))
    script, wasm = split_sodium(_read(SODIUM))
    _write("libsodium.mjs", script)
    _write("libsodium.wasm", wasm)


def split_sodium(packaged: bytes) -> tuple[bytes, bytes]:
    """libsodium's script with an empty text where its WebAssembly was, and the WebAssembly. Raises BuildError."""
    literals = _WASM_LITERAL.findall(packaged.decode())
    if len(literals) != 1:
        raise BuildError(f"{SODIUM} should hold one WebAssembly text, it holds {len(literals)}")
    return packaged.replace(literals[0].encode(), b""), base64.b64decode(literals[0], validate=True)


def _read(source: str) -> bytes:
    try:
        return (PACKAGES / source).read_bytes()
    except FileNotFoundError as missing:
        raise BuildError(f"{missing.filename} is missing: run `npm ci`") from missing


def _write(target: str, content: bytes) -> None:
    path = VENDOR / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    try:
        build()
    except BuildError as error:
        raise SystemExit(f"Voting booth: {error}") from error
    print("Voting booth built.")
