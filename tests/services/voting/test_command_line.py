"""A whole election by command line and HTTP: each role its own process and folder, the ballot server a real one."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from commonweal.core.identity import accounts
from commonweal.services.voting import service
from commonweal.services.voting.box import ceremony
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine.decryption import Result
from tests import town
from tests.services.voting.life import NODE
from tests.services.voting.processes import Box, free_port
from tests.walk.cast import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_from_draft_to_audit_every_role_a_process_of_its_own(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path
    uuid = service.draft(NODE, _draft(port))
    people = town.register(*(town.entry("Voter", f"Number{n}") for n in range(3)))
    service.enter_roll(NODE, uuid, [service.RollLine(one, f"Voter {n}", "Mill Lane") for n, one in enumerate(people)])
    _write_roll(folder / "roll.csv", uuid)
    run("authority", "credentials", folder / "authority", folder / "roll.csv", "--election", uuid)
    messages = _threshold_keys(folder, uuid)
    credentials = json.loads((folder / "authority/credentials.json").read_text())
    package = service.freeze(NODE, uuid, messages, credentials)
    frozen = folder / "package.json"
    frozen.write_bytes(package.content())
    run("authority", "letters", folder / "authority", frozen)
    for index in (1, 2, 3):
        run("trustee", "hold", folder / f"t{index}", frozen)
    run("box", "install", folder / "box", frozen)
    with Box(folder / "box", port):
        trackers = [_vote(folder / f"voter{n}", frozen, one, uuid, n) for n, one in enumerate(people)]
        assert ceremony.close(BallotBox(folder / "box"), uuid, package.plan.closes)  # the hour has come
        service.follow(uuid)
        early = [logged.checkpoint for logged in service.standing(uuid).heads]
        checkpoints = folder / "checkpoints.json"
        checkpoints.write_text(json.dumps([vars(one) for one in early]))
        for index in (1, 3):
            board = folder / f"t{index}/board.bel"
            urllib.request.urlretrieve(f"{package.plan.box}/elections/{uuid}/board.bel", board)
            run("trustee", "decrypt", folder / f"t{index}", board, "--checkpoint", checkpoints, "--send",
                at=package.plan.closes)  # fmt: skip
        known = service.follow(uuid)
        assert known.heads[-1].checkpoint.height > early[-1].height
        found = service.finished(uuid)
    assert found is not None
    assert found.accepted
    assert found.result == Result(((1, 1, 1),))
    record = service.board(uuid)
    said = run("audit", record, "--checkpoint", checkpoints, "--package", frozen, "--plan", package.plan.digest)
    assert "ACCEPTED" in said
    assert f"contains the checkpoint at height {early[-1].height}" in said
    assert all(BallotBox(folder / "box").state_of(uuid, tracker) == "counted" for tracker in trackers)
    assert_belenios_agrees(record, folder / "belenios")
    run("authority", "forget", folder / "authority")
    assert not list((folder / "authority").glob("letters/*"))


def assert_belenios_agrees(record: Path, folder: Path) -> None:
    """Inria's own tool verifies the record too, each version of it that BELENIOS_TOOL names."""
    tools = [tool for tool in os.environ.get("BELENIOS_TOOL", "").split(os.pathsep) if tool]
    folder.mkdir()
    shutil.copy(record, folder / f"{record.stem}.bel")
    for tool in tools:
        command = [tool, "election", "verify", "--dir", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


LATER = """import sys
from datetime import datetime
from commonweal import cli
from commonweal.services.voting.commands import trustee
trustee.now = lambda: datetime.fromisoformat(sys.argv[1])
sys.exit(cli.main(["voting", *sys.argv[2:]]))"""


def run(*words: object, at: datetime | None = None) -> str:
    """One command of a role, in its own process. It knows no node; `at` is what a trustee's clock shows."""
    program = ["-c", LATER, at.isoformat()] if at else ["-m", "commonweal.cli", "voting"]
    command = [sys.executable, *program, *map(str, words)]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=_ROOT)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


_ROOT = Path(__file__).resolve().parents[3]


def _draft(port: int) -> service.Draft:
    now = datetime.now(UTC).replace(microsecond=0)
    return service.Draft.from_json(
        {
            "name": "Parks",
            "questions": [{"question": "Which park first?", "answers": ["Harbour", "Mill", "Station"]}],
            "opens": now,
            "closes": now + timedelta(days=1),
            "box": f"http://127.0.0.1:{port}",
            "board_every": 5,
        }
    )


def _threshold_keys(folder: Path, uuid: str) -> list[object]:
    folders = {index: folder / f"t{index}" for index in (1, 2, 3)}
    for index, own in folders.items():
        run("trustee", "certificate", own, "--election", uuid, "--size", 3, "--threshold", 2, "--index", index)
    certificates = [own / f"certificate-{index}.json" for index, own in folders.items()]
    for own in folders.values():
        run("trustee", "share", own, "--election", uuid, *certificates)
    shares = [own / f"shares-{index}.json" for index, own in folders.items()]
    for own in folders.values():
        run("trustee", "finish", own, "--election", uuid, *certificates, *shares)
    finished = [own / f"finished-{index}.json" for index, own in folders.items()]
    return [json.loads(path.read_text()) for path in (*certificates, *shares, *finished)]


def _write_roll(path: Path, uuid: str) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "name", "delivery"])
        writer.writerows([one.label, one.name, one.delivery] for one in service.roll(NODE, uuid))


def _vote(folder: Path, frozen: Path, person: service.Person, uuid: str, n: int) -> str:
    """The letter, the pass from the node's page, the ballot to the box."""
    folder.mkdir()
    address = urlsplit(run("cast", "request", folder, frozen).strip())
    client = _signed_in(person, n)
    page = client.get(f"{address.path}?{address.query}")
    assert page.status_code == 200
    form = {name: values[0] for name, values in parse_qs(address.query).items()}
    answer = client.post(address.path, form)
    assert answer.status_code == 303, answer.content.decode()
    (folder / "signature").write_text(answer["Location"].partition("#blind_signature=")[2])
    letter = next(
        path for path in (frozen.parent / "authority/letters").iterdir() if f"Voter {n}\n" in path.read_text()
    )
    (folder / "code").write_text(letter.read_text().partition("Your voting code: ")[2].partition("\n")[0])
    (folder / "choices").write_text(json.dumps([[int(place == n) for place in range(3)]]))
    said = run("cast", "ballot", folder, frozen, "--code", folder / "code", "--signature", folder / "signature",
               "--choices", folder / "choices")  # fmt: skip
    return said.strip().rpartition(" ")[2]


def _signed_in(person: service.Person, n: int) -> Client:
    return sign_in(accounts.create_account(f"voter{n}@mail.example", f"Voter {n}", person=person))
