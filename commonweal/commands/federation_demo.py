"""The demo as a federation on one machine: the town's node, the benefits office's own node, and a witness alone.

    HOME/town      port      the demo town; keeps the directory, offers the population register
    HOME/benefits  port+10   the benefits office's own node; asks
    HOME/witness   port+20   cosigns both logs

Each node's gateway is on the port after its own. Everything is done by the commands that an operator would type.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from functools import partial
from pathlib import Path

from commonweal.config import node as nodes
from commonweal.config.processes import end_with_parent

INSTANCE = "ALD"
CLIENT = f"{INSTANCE}/GOV/benefits/casework"
SERVICE = f"{INSTANCE}/GOV/register/population/people"
WITNESS = "witness.aldermere.example/1"
ASSISTANT = f"{INSTANCE}/GOV/register/assistant"
DESK = f"{INSTANCE}/GOV/register/enquiries"


def _offer(service: str, title: str, purpose: str, path: str, *, client: str, role: str, function: str) -> str:
    """The file that offers a function of a room, by MEMBER/SYSTEM/CODE, to one system."""
    member, system, code = service.split("/")
    return f"""member = "{member}"
system = "{system}"
code = "{code}"
title = "{title}"
purposes = ["{purpose}"]

[[endpoint]]
method = "POST"
path = "{path}"

[subject]
pointer = "/subject"
scheme = "national"

[[access]]
client = "{client}"
agency = "{client.split("/")[2]}"
roles = ["{role}"]

[function]
name = "commonweal.services.{function}"
"""


PEOPLE = _offer(
    "register/population/people", "People, as the population register knows them", "benefits.assessment", "/read",
    client=CLIENT, role="benefit-officer", function="registry.service:read",
)  # fmt: skip
CIRCUMSTANCES = _offer(
    "register/population/circumstances", "Age, household and registration, for questions about what somebody can get",
    "assistant.circumstances", "/read", client=ASSISTANT, role="assistant", function="registry.service:circumstances",
)  # fmt: skip
CONVERSATIONS = _offer(
    "benefits/enquiries/assistant", "The Benefits Office's enquiry desk", "assistant.answering", "/conversations",
    client=DESK, role="enquiry-office", function="assistant.service:receive",
)  # fmt: skip
FACTS = f'[facts]\nservice = "{INSTANCE}/GOV/register/population/circumstances/read"\n'
PORTAL = f"{INSTANCE}/GOV/register/portal"
TRACKER = f"""
member = "benefits"
system = "casework"
code = "dataTracker"
title = "Who used your data at the Benefits Office"
purposes = ["own-access"]

[[endpoint]]
method = "GET"
path = "/v2/findUsage"

[[endpoint]]
method = "GET"
path = "/v2/usagePeriod"

[[endpoint]]
method = "GET"
path = "/v2/heartbeat"

[[access]]
client = "{PORTAL}"
roles = ["data-tracker"]

[data-tracker]
scheme = "national"
"""
CLIENTS = 200  # residents whom the benefits office knows


class NotStarted(RuntimeError):
    """A part of the federation could not be made or started; what it said is on the screen."""


def run(options: argparse.Namespace) -> int:
    """Make what is missing, start everything, and tell how to ask. Returns 0 after Ctrl-C."""
    home, port = nodes.home(), options.port or 8000
    town, benefits, witness = home / "town", home / "benefits", home / "witness"
    running: list[subprocess.Popen[bytes]] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _make_nodes(town, benefits, port)
        _name_witnesses(town, benefits, witness, port)
        command = ["witness", "--name", WITNESS, "--folder", str(witness), "--port", str(port + 20)]
        running.append(_start(witness, command))
        running.append(_start(town, ["up", "--processes", "1", "--port", str(port)]))
        _wait_for(f"http://127.0.0.1:{port + 1}/exchange/directory")
        residents = _do(town, "-c", SOMEBODY).split()
        new = not (benefits / "exchange.toml").exists()
        if new:
            _join_benefits(town, benefits, port, residents)
        _commonweal(benefits, "federation", "publish")
        running.append(_start(benefits, ["up", "--processes", "1", "--port", str(port + 10)]))
        _wait_for(f"http://127.0.0.1:{port + 11}/exchange/directory")
        if new:
            _ask_a_little(residents[:5], port)
        print(_welcome(residents[0], port), flush=True)
        while all(process.poll() is None for process in running):
            time.sleep(0.5)
        raise NotStarted("one of the processes ended")
    except KeyboardInterrupt:
        return 0
    except NotStarted as error:
        print(f"commonweal up --federation: {error}", file=sys.stderr)
        return 1
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def _make_nodes(town: Path, benefits: Path, port: int) -> None:
    nodes.create(town, "Town of Aldermere", "demo.aldermere.example/log", f"http://localhost:{port}", nodes.ROOMS)
    office, origin = "Benefits Office of Aldermere", "demo.benefits.aldermere.example/log"
    nodes.create(benefits, office, origin, f"http://localhost:{port + 10}", ("registry", "assistant"))
    for home, demo in ((town, ["--demo"]), (benefits, [])):
        _do(home, "-m", "commonweal.commands.prepare", *demo)
    _commonweal(benefits, "agency", "benefits", "en=Benefits Office", "--roles", "benefit-officer", "enquiry-officer")
    if not (town / "exchange.toml").exists():
        _commonweal(town, "federation", "found", INSTANCE, "--address", f"http://127.0.0.1:{port + 1}")
        _commonweal(town, "join", _code(town, "register"))
    (town / "offers").mkdir(exist_ok=True)
    (town / "offers/people.toml").write_text(PEOPLE, "utf-8")
    (town / "offers/circumstances.toml").write_text(CIRCUMSTANCES, "utf-8")
    if not (town / "assistant.toml").exists():
        (town / "assistant.toml").write_text(FACTS, "utf-8")
    settings = town / "exchange.toml"
    systems = ((PORTAL, "own-access"), (ASSISTANT, "assistant.circumstances"), (DESK, "assistant.answering"))
    for system, purpose in systems:
        if system not in settings.read_text("utf-8"):
            _let_ask(settings, system, purpose)
    _commonweal(town, "federation", "publish")


def _name_witnesses(town: Path, benefits: Path, witness: Path, port: int) -> None:
    """Each log is cosigned by the other node or by the witness alone; both logs are known to the witness."""
    alone = _commonweal(witness, "witness", "--name", WITNESS, "--folder", str(witness), "--show")
    logs = ""
    for home, other, other_port in ((town, benefits, port + 11), (benefits, town, port + 1)):
        logs += _do(home, "-c", KEYS.format(what="log"))
        key = _do(other, "-c", KEYS.format(what="witness")).strip()
        (home / "witnesses.policy").write_text(
            f"witness alone {alone} http://127.0.0.1:{port + 20}\n"
            f"witness other {key} http://127.0.0.1:{other_port}/witness\n"
            "group one-of-them any alone other\nquorum one-of-them\n",
            "utf-8",
        )
    (witness / "logs").write_text(logs, "utf-8")


KEYS = """
from commonweal.config import node as nodes
from commonweal.core.exchange import witness
from commonweal.core.ledger import keys
node = nodes.load()
print(*(keys.load(node.keys, node.origin).vkeys if "{what}" == "log" else [witness.of_node(node).vkey]), sep="\\n")
"""


def _join_benefits(town: Path, benefits: Path, port: int, residents: list[str]) -> None:
    (benefits / "offers").mkdir(exist_ok=True)
    (benefits / "offers/tracker.toml").write_text(TRACKER.lstrip(), "utf-8")
    (benefits / "offers/conversations.toml").write_text(CONVERSATIONS, "utf-8")
    _do(benefits, "-c", KNOW.format(numbers=residents))
    _commonweal(benefits, "join", _code(town, "benefits"), "--address", f"http://127.0.0.1:{port + 11}")
    _let_ask(benefits / "exchange.toml", CLIENT, "benefits.assessment")


def _let_ask(settings: Path, system: str, purpose: str) -> None:
    """Connect a system of this node, on this machine, to the gateway."""
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'\n[[client]]\nsystem = "{system}"\nfrom = ["127.0.0.1"]\npurpose = "{purpose}"\n')


def _ask_a_little(residents: list[str], port: int) -> None:
    """The benefits office's system asks about some residents, so that there is something to see on both sides."""
    for place, number in enumerate(residents):
        body = json.dumps({"subject": {"scheme": "national", "value": number}}).encode()
        headers = {"X-Road-Client": CLIENT, "X-Road-Issue": f"B-{place + 1}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"http://127.0.0.1:{port + 11}/r1/{SERVICE}/read", body, headers)
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(asked, timeout=10):  # noqa: S310
            pass


def _code(town: Path, member: str) -> str:
    return _commonweal(town, "federation", "invite", f"{INSTANCE}/GOV/{member}")


def _welcome(number: str, port: int) -> str:
    body = f'{{"subject": {{"scheme": "national", "value": "{number}"}}}}'
    return f"""
The federation {INSTANCE} is up. Ask the town's register as the benefits office's system does:

  curl -H 'X-Road-Client: {CLIENT}' -H 'X-Road-Issue: B-1' -H 'Content-Type: application/json' \\
    --data '{body}' http://127.0.0.1:{port + 11}/r1/{SERVICE}/read

Watch: sign in as the auditor at http://localhost:{port}/sign-in/demo/ and open "Exchanges", or as
the resident and open "Your data", "Your data at other offices". The assistant's questions offer to
use what the register knows.
Stop with Ctrl-C.
"""


SOMEBODY = f"""
from commonweal.commands import start_django
start_django()
from commonweal.core.identity import people
from commonweal.core.identity.flows import demo
from commonweal.core.identity.models import ExternalIdentifier
offered = [row.account.person.value() for row in demo.offered() if row.account.person]
others = [row.person.value() for row in ExternalIdentifier.objects.order_by("id").select_related("person")[:{CLIENTS}]]
print(*(people.identifiers(one)["national"] for one in dict.fromkeys(offered[::-1] + others)), sep="\\n")
"""
KNOW = """
from commonweal.commands import start_django
start_django()
from commonweal.core.identity import people
numbers = [one for one in {numbers!r} if people.identify("national", one) is None]
people.add_identifiers([(one, "national", number) for one, number in zip(people.create_people(len(numbers)), numbers)])
"""


def _commonweal(home: Path, *arguments: str) -> str:
    return _do(home, "-m", "commonweal.cli", *arguments).splitlines()[0]


def _do(home: Path, *arguments: str) -> str:
    """Run Python in a node; what it prints. Raises NotStarted."""
    done = subprocess.run(
        [sys.executable, *arguments], env=_at(home), stdout=subprocess.PIPE, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise NotStarted(f"{' '.join(arguments)[:80]} failed")
    return done.stdout


def _start(home: Path, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "commonweal.cli", *command], env=_at(home), stdout=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=partial(end_with_parent, os.getpid()),  # noqa: PLW1509 - no threads here
    )  # fmt: skip


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _at(home: Path) -> dict[str, str]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "COMMONWEAL_HOME": str(home)
    }


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own node
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise NotStarted(f"{address} does not answer")
