"""What must not stand in the source, and how what is shipped is set up (ASVS V1, V3, V11, V13, V15)."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from commonweal.core.identity import codes, hashers

ROOT = Path(__file__).parents[1]
PYTHON = [path for path in sorted((ROOT / "commonweal").rglob("*.py")) if "/migrations/" not in str(path)]
SCRIPTS = [path for path in sorted((ROOT / "commonweal").rglob("static/**/*.js")) if "/build/" not in str(path)]
TEMPLATES = sorted((ROOT / "commonweal").rglob("templates/**/*.html"))
AUTHENTICATED = {"AESGCM", "AESSIV"}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a call's function, as it is written."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(files: list[Path] = PYTHON) -> Iterator[tuple[str, str, ast.Call]]:
    """Each call: the file, the function's dotted name, the call."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield str(file.relative_to(ROOT)), dotted(node.func), node


def imported(files: list[Path] = PYTHON) -> Iterator[tuple[str, str]]:
    """Each import: the file and the full name."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((str(file.relative_to(ROOT)), name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((str(file.relative_to(ROOT)), f"{node.module}.{name.name}") for name in node.names)


def test_the_scan_sees_the_source() -> None:
    assert len(PYTHON) > 150
    assert len(SCRIPTS) >= 4
    assert len(TEMPLATES) > 50
    assert any(name == "hashlib.sha256" for _file, name, _call in calls())


def test_nothing_is_executed_that_was_read() -> None:
    assert not [(file, name) for file, name, _call in calls() if name in {"eval", "exec", "compile", "__import__"}]


def test_no_shell_is_asked() -> None:
    asked = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
    assert not [(file, name) for file, name, _call in calls() if name in asked]
    shells = [file for file, _name, call in calls() for word in call.keywords if word.arg == "shell"]
    assert not shells


def test_nothing_is_unpickled() -> None:
    dangerous = ("pickle", "marshal", "shelve", "yaml", "dill", "jsonpickle", "cloudpickle")
    assert not [found for found in imported() if found[1].split(".")[0] in dangerous]


def test_no_parser_of_xml_ldap_or_xpath_is_ours() -> None:
    parsers = ("xml", "lxml", "ldap", "ldap3", "libxml2", "xmltodict")
    bare = ("commonweal/services/assistant/publishing/sitemap.py", "xml.parsers.expat")  # refuses every document type
    assert not [found for found in imported() if found[1].split(".")[0] in parsers and found != bare]


def test_no_template_is_built_of_what_was_typed() -> None:
    allowed = ("commonweal/core/portal/components/", "commonweal/commands/new_service.py")  # of files of the source
    built = {"Template", "template.Template", "engines.from_string", "engine.from_string", "Engine.from_string"}
    assert not [(file, name) for file, name, _call in calls() if name in built and not file.startswith(allowed)]


@pytest.mark.parametrize("sign", [r"\|\s*safe\b", r"autoescape\s+off", r"\|\s*safeseq\b"])
def test_no_template_switches_escaping_off(sign: str) -> None:
    drawn = "allauth/elements/img.html"  # an app's key as a picture, drawn on this node
    assert not [str(path) for path in TEMPLATES if re.search(sign, path.read_text()) and not str(path).endswith(drawn)]


def test_scripts_write_text_and_not_markup() -> None:
    ways = r"\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\("
    assert not [str(path) for path in SCRIPTS if re.search(ways, path.read_text())]


def test_scripts_take_no_messages_from_other_windows() -> None:
    """A live screen is told that there is something new, and takes nothing of what it is told."""
    ways = r"postMessage|[\"']message[\"']|new WebSocket|EventSource"
    listening = {path.name: path.read_text() for path in SCRIPTS if re.search(ways, path.read_text())}
    assert set(listening) <= {"live.js"}
    assert not [name for name, text in listening.items() if re.search(r"\.data\b|innerHTML\s*=[^=]", text)]


def test_the_browser_keeps_checkpoints_and_nothing_else() -> None:
    """The anchor of a person's own check: checkpoint, a counter and random labels; in the voting booth, the pass."""
    ways = r"localStorage|sessionStorage|indexedDB|document\.cookie"
    keep = {path.name for path in SCRIPTS if re.search(ways, path.read_text())}
    assert keep <= {"check.js", "check_record.js", "kept.js"}


def test_scripts_come_from_this_node_alone() -> None:
    outside = re.compile(r"<(script|link|iframe|img)[^>]+(src|href)=[\"'](https?:)?//", re.IGNORECASE)
    assert not [str(path) for path in TEMPLATES if outside.search(path.read_text())]
    assert not [str(path) for path in TEMPLATES if re.search(r"<(object|embed|applet)\b", path.read_text())]


def test_chance_is_drawn_where_nobody_can_guess_it() -> None:
    """The module `random` makes demo towns and splits what a model is trained on, and nothing else."""
    users = {file for file, name in imported() if name.split(".")[0] == "random"}
    repeatable = ("registry/engine/population.py", "assistant/engine/train.py", "assistant/engine/open_data.py")
    assert all("/demo" in file or file.endswith(repeatable) for file in users), users


def test_weak_hashes_are_not_used() -> None:
    used = {name for _file, name, _call in calls() if name.startswith("hashlib.")}
    digests = {
        word.value
        for _file, name, call in calls()
        if name in {"hmac.digest", "hmac.new", "hashlib.new", "hashlib.file_digest"}
        for word in ast.walk(call)
        if isinstance(word, ast.Constant)
        and isinstance(word.value, str)
        and re.fullmatch("(md|sha|blake).*", word.value)
    }
    assert used <= {"hashlib.sha256", "hashlib.sha384", "hashlib.sha512", "hashlib.file_digest"}, used
    assert digests <= {"sha256", "sha384", "sha512"}, digests
    assert digests


def test_what_is_kept_encrypted_is_kept_authenticated() -> None:
    """AES-GCM and AES-SIV. CTR alone hides files that wait until their signed digest was checked, and are then gone."""
    ciphers = {(file, name) for file, name in imported() if "primitives.ciphers" in name}
    plain = {file for file, name in ciphers if name.rpartition(".")[2] not in AUTHENTICATED}
    assert plain == {"commonweal/core/exchange/spool.py"}
    assert not re.search(r"ECB|CBC|PKCS1v15", "".join(path.read_text() for path in PYTHON))


NO_KEYS = {"adapters.py": 12, "identifier_keys.py": 12, "people.py": 6}
"""Nonces of AES-GCM, which are 96 bits by its standard, and names of chains, which keep nothing secret."""


def test_no_key_is_shorter_than_128_bits() -> None:
    """Everything drawn at random for secrecy; what people type has 50 bits and is throttled."""
    draws = [
        (Path(file).name, call.args[0].value)
        for file, name, call in calls()
        if name.startswith("secrets.token_") and call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert len(draws) > 10
    assert not [(file, size) for file, size in draws if size < NO_KEYS.get(file, 16)]
    assert len(codes.new_token()) - len(codes.TOKEN_PREFIX) >= 43
    assert len(codes.ALPHABET) ** codes.CODE_LENGTH >= 2**50


def test_passwords_would_be_hashed_with_argon2id_as_owasp_says() -> None:
    hasher = hashers.SmallArgon2()
    assert (hasher.memory_cost >= 19_456, hasher.time_cost >= 2) == (True, True)
    assert hasher.encode("words", hasher.salt()).startswith("argon2$argon2id$")


def test_no_certificate_goes_unchecked() -> None:
    words = r"CERT_NONE|verify\s*=\s*False|check_hostname\s*=\s*False|_create_unverified_context|PROTOCOL_(SSL|TLSv1\b)"
    assert not [str(path) for path in PYTHON if re.search(words, path.read_text())]


def test_no_redirect_is_followed_to_where_nobody_named() -> None:
    """Nodes are asked by httpcore, which follows none; the operator's commands and the verifier are tools."""
    askers = ("requests", "urllib3", "aiohttp", "httpx", "http.client", "urllib.request")
    users = {file for file, name in imported() if name.startswith(askers)}
    assert {file for file in users if not file.startswith("commonweal/commands/")} <= {
        "commonweal/core/ledger/verify.py"
    }


def test_no_secret_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    secret = re.compile(
        r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|"
        r"commonweal_[A-Za-z0-9_-]{43}|postgres(?:ql)?://\w+:(?!\.\.\.|password|secret|\{)[^@\s\"'{]{8,}@"
    )
    found = [str(path) for path in files if path.is_file() and secret.search(path.read_text(errors="ignore"))]
    assert len(files) > 300
    assert not found


@pytest.mark.parametrize(
    ("file", "least"), [("requirements.txt", 21), ("requirements-dev.txt", 21), ("requirements-probes.txt", 1)]
)
def test_each_dependency_is_one_version_with_its_hash(file: str, least: int) -> None:
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and line[0] not in " #-"]
    assert len(lines) >= least
    assert not [line for line in lines if not re.match(r"[\w.\[\],-]+==\S+", line)]
    assert (ROOT / file).read_text().count("--hash=sha256:") >= len(lines)


def test_each_direct_dependency_has_its_reason() -> None:
    asked = re.findall(r"^([A-Za-z0-9-]+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    told = (ROOT / "docs/dependencies.md").read_text().lower()
    assert len(asked) > 10
    assert not [name for name in asked if name.lower() not in told]


def test_the_service_of_the_system_has_few_rights() -> None:
    unit = configparser.RawConfigParser(strict=False, allow_no_value=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy/systemd/commonweal.service")
    service = dict(unit["Service"])
    assert service["NoNewPrivileges"] in ("yes", "true")
    assert service["ProtectSystem"] == "strict"
    assert service.get("User", "root") != "root" or service.get("DynamicUser") == "yes"
    assert service["CapabilityBoundingSet"] == ""
    recipe = (ROOT / "deploy/Containerfile").read_text()
    assert re.findall(r"^USER (\S+)", recipe.split("FROM")[-1], re.MULTILINE) == ["commonweal"]


def test_no_history_of_the_source_reaches_an_image() -> None:
    assert ".git" in (ROOT / ".dockerignore").read_text().split()
