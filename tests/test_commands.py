"""The `commonweal` command, run as an operator runs it, on a node of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commonweal.config import misconfiguration
from commonweal.config import node as nodes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
MAPPING = """
source = "old"
row_id = "ID"
[columns]
given = "FIRST"
family = "LAST"
born = "BORN"
birth_place = "PLACE"
street = "STREET"
number = "NO"
postcode = "ZIP"
town = "TOWN"
"""
ROWS = "ID,FIRST,LAST,BORN,PLACE,STREET,NO,ZIP,TOWN\n1,Mara,Okafor,1984-03-27,Lagos,Mill Lane,12,4021,Testford\n"


def run(home: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"COMMONWEAL_HOME": str(home), "PYTHONPATH": f"{ROOT}:{path}"}
    command = [sys.executable, "-m", "commonweal.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=home.parent)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = run(tmp_path / "node", "init", "--name", "Testford", "--origin", "log.testford.example/2026")
    assert made.returncode == 0, made.stderr
    return tmp_path / "node"


def test_where_no_node_is_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    for home in ("nowhere", "node"):
        done = run(tmp_path / home, "status")
        assert done.returncode == 1
        assert "the node's database cannot be used" in done.stderr
        assert "Traceback" not in done.stderr


def test_without_arguments_it_says_what_it_can() -> None:
    shown = run(ROOT, "--help")
    assert shown.returncode == 0
    assert "new-service" in shown.stdout
    unknown = run(ROOT, "dance")
    assert (unknown.returncode, "no command 'dance'" in unknown.stderr) == (2, True)


def test_a_node_is_private_and_a_second_init_changes_nothing(home: Path) -> None:
    assert home.stat().st_mode & 0o077 == 0
    keys = {path.name: path.read_bytes() for path in (home / "keys").iterdir()}
    assert run(home, "init", "--name", "Else", "--origin", "other.example").returncode == 0
    assert {path.name: path.read_bytes() for path in (home / "keys").iterdir()} == keys
    assert "Testford" in (home / "node.toml").read_text()


def test_load_check_and_status(home: Path) -> None:
    (home / "map.toml").write_text(MAPPING)
    (home / "people.csv").write_text(ROWS + "2,Ola,,1990-02-31,Lagos,Mill Lane,12,4021,Testford\n")
    load = ("load", str(home / "people.csv"), "--mapping", str(home / "map.toml"))
    looked = run(home, *load, "--check")
    assert looked.returncode == 1
    loaded = run(home, *load)
    assert loaded.returncode == 1
    assert "1 registered, 0 updated, 0 unchanged" in loaded.stdout
    assert "line 3, LAST: is empty; fill it in" in loaded.stderr
    assert "line 3, BORN: '1990-02-31' is not a date; write it like 1984-03-27" in loaded.stderr
    assert "0 registered, 0 updated, 1 unchanged" in run(home, *load).stdout
    status = json.loads(run(home, "status", "--json").stdout)
    assert (status["people"], status["pending"] > 0) == (1, True)
    missing = run(home, "load", str(home / "nothing.csv"), "--mapping", str(home / "map.toml"))
    assert (missing.returncode, "nothing.csv" in missing.stderr) == (2, True)


def test_check_names_keys_that_others_can_read(home: Path) -> None:
    (home / "keys/log.ed25519").chmod(0o644)
    found = run(home, "check")
    assert found.returncode == 1
    assert "keys/log.ed25519 can be used by others (mode 44)" in found.stdout


def test_check_names_a_line_that_others_can_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for address, complains in (
        ("postgresql://town@db.example/town", True),
        ("postgresql://town@db.example/town?sslmode=require", True),
        ("postgresql://town@db.example/town?sslmode=verify-full", False),
        ("postgresql://town@127.0.0.1/town", False),
        ("postgresql:///town", False),
    ):
        monkeypatch.setenv("DATABASE_URL", address)
        assert bool(misconfiguration._line(nodes.load(home))) is complains, address


def test_check_names_a_database_from_before_a_restore(home: Path) -> None:
    old = home / "node.sqlite3.before-restore"
    old.touch()
    assert "before-restore" not in run(home, "check").stdout
    os.utime(old, (0, 0))
    assert "may hold people who were erased since" in run(home, "check").stdout


def test_a_real_node_has_no_demo(home: Path) -> None:
    filled = subprocess.run(
        [sys.executable, "-m", "commonweal.commands.prepare", "--demo"],
        env=os.environ | {"COMMONWEAL_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is a real node" in filled.stderr
    assert json.loads(run(home, "status", "--json").stdout)["people"] == 0


def test_agencies_officers_and_machines_by_command(home: Path) -> None:
    assert run(home, "agency", "tax", "en=Tax Office", "fr=Impôts", "--roles", "tax-officer").stdout == (
        "tax: Tax Office, Impôts; roles: tax-officer\n"
    )
    assert run(home, "token", "tax", "Assessment run", "tax-officer").stdout.startswith("commonweal_")
    nobody = run(home, "appoint", "ada@x.example", "tax", "administrator")
    assert (nobody.returncode, "sign up first" in nobody.stderr) == (2, True)
    assert run(home, "token", "nowhere", "Run", "tax-officer").returncode == 2


def test_a_bad_setting_is_named(home: Path) -> None:
    (home / "node.toml").write_text('name = "x"\norigin = "Not A Host"\naddress = "http://localhost"\nservices = []\n')
    found = run(home, "check")
    assert found.returncode != 0
    assert "`origin` is 'Not A Host'" in found.stderr


def test_a_service_from_an_outside_package_joins_by_its_entry_point(tmp_path: Path) -> None:
    """`new-service` makes a room that works as it is; a package elsewhere brings it to the node."""
    package = tmp_path / "package"
    package.mkdir()
    made = run(tmp_path / "node", "new-service", "libraries", "--into", str(package))
    assert made.returncode == 0, made.stderr
    about = package / "libraries-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: libraries\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[commonweal.services]\nlibraries = libraries\n")
    settings = {"COMMONWEAL_HOME": str(tmp_path / "none"), "PYTHONPATH": f"{ROOT}:{package}"}
    home = tmp_path / "node"
    init = ("init", "--origin", "demo.testford.example/log", "--services", "registry,libraries")
    tables = [sys.executable, "-m", "django", "makemigrations", "libraries", "--settings", "commonweal.config.settings"]
    assert run(home, *init, path=str(package)).returncode == 0
    subprocess.run(tables, env=os.environ | settings | {"COMMONWEAL_HOME": str(home)}, check=True, capture_output=True)
    assert run(home, *init, path=str(package)).returncode == 0
    assert run(home, "check", "--policies", path=str(package)).stdout.strip() == "All is well."
    script = """
from commonweal.commands import start_django; start_django()
from commonweal.core.identity.people import create_person
from commonweal.core.identity.actors import Actor
from libraries import service
person = create_person()
me = Actor("resident", "r", "R", assurance=1, person=person)
service.write(me, person, "hello")
print([note.text for note in service.notes(me, person)])
from django.test import Client
print(Client(SERVER_NAME="localhost").get("/libraries/").status_code)
"""
    used = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | settings | {"COMMONWEAL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert used.stdout.split("\n")[:2] == ["['hello']", "302"], used.stderr
