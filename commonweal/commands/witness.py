"""Run a witness alone: it cosigns the checkpoints of the logs it is told of, and needs no node.

Its folder (COMMONWEAL_HOME, or --folder) holds its key, the file `logs` with a verifier key on each line, and what it
has cosigned.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", required=True, help="its name in policies, like a host and path: witness.x.example/w1"
    )
    parser.add_argument("--folder", type=Path, help="where it keeps its key and what it cosigned")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; a proxy in front should end TLS")
    parser.add_argument("--show", action="store_true", help="only print its verifier key")


def run(options: argparse.Namespace) -> int:
    folder = (options.folder or nodes.home()).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ |= {"COMMONWEAL_WITNESS": str(folder), "COMMONWEAL_WITNESS_NAME": options.name}
    from commonweal.config import witness

    print(f"{witness.application.witness.vkey}", flush=True)
    if not options.show:
        _become_the_server(options)
    return 0


def _become_the_server(options: argparse.Namespace) -> None:
    """In place of this process, so that whoever ends the command ends the witness."""
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", options.host, "--port", str(options.port),
        "--workers", "1", "--no-ws", "--log-level", "warning", "commonweal.config.witness:application",
    ]  # fmt: skip
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter
