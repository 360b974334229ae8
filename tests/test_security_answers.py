"""What a node behind TLS sends with every answer, tried on a real node with an https address (ASVS V3, V4, V13)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_commands import ROOT, run

PATHS = ("/", "/account/sign-in/", "/your-data/", "/nothing-here/", "/api/registry/openapi.json",
         "/api/registry/changes", "/health/live", "/static/portal/portal.js")  # fmt: skip
ASK = """
import json, sys
from commonweal.commands import start_django; start_django()
from django.conf import settings
from django.test import Client

client = Client(SERVER_NAME="services.x.example", raise_request_exception=False)

def ask(path, method="GET", secure=True, **more):
    answer = client.generic(method, path, secure=secure, **more)
    body = b"".join(answer) if answer.streaming else answer.content
    cookies = {name: {k: v for k, v in morsel.items() if v} for name, morsel in answer.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies, "body": body.decode()}

asked = {path: ask(path, HTTP_ORIGIN="https://evil.example") for path in json.loads(sys.argv[1])}
asked["language"] = ask("/?lang=fr")
asked["trace"] = ask("/", "TRACE")
asked["track"] = ask("/your-data/", "TRACK")
asked["preflight"] = ask("/api/registry/changes", "OPTIONS", HTTP_ORIGIN="https://evil.example",
                         HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")
asked["plain"] = ask("/account/sign-in/", secure=False, HTTP_X_FORWARDED_PROTO="https")
asked["foreign host"] = ask("/", HTTP_X_FORWARDED_HOST="evil.example")
for hidden in ("/.git/config", "/.env", "/node.toml", "/keys/django", "/admin/", "/static/", "/log/",
               "/static/../keys"):
    asked[hidden] = ask(hidden)
print(json.dumps({"answers": asked, "debug": settings.DEBUG}))
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a node with an https address answered, by path."""
    home: Path = tmp_path_factory.mktemp("https") / "node"
    made = run(home, "init", "--origin", "log.x.example/2026", "--address", "https://services.x.example")
    assert made.returncode == 0, made.stderr
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"COMMONWEAL_HOME": str(home), "PYTHONPATH": str(ROOT), "DJANGO_DEBUG": "1", "DEBUG": "1"}
    command = [sys.executable, "-c", ASK, json.dumps(PATHS)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def answers(node: dict[str, Any]) -> dict[str, Any]:
    return node["answers"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", PATHS)
def test_only_by_tls_for_a_year_and_every_host_below(answers: dict[str, Any], path: str) -> None:
    policy = answers[path]["headers"]["Strict-Transport-Security"]
    assert "max-age=31536000" in policy
    assert "includeSubDomains" in policy


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/static/")])
def test_the_content_policy_trusts_this_node_alone(answers: dict[str, Any], path: str) -> None:
    written = answers[path]["headers"]["Content-Security-Policy"]
    policy = {name: sources for name, *sources in (part.split() for part in written.split(";") if part.strip())}
    for name in ("default-src", "object-src", "base-uri"):
        assert policy[name] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} == {"'none'", "'self'"}


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/static/")])
def test_nobody_frames_a_page(answers: dict[str, Any], path: str) -> None:
    assert "frame-ancestors 'none'" in answers[path]["headers"]["Content-Security-Policy"]


@pytest.mark.parametrize("path", PATHS)
def test_no_type_is_guessed(answers: dict[str, Any], path: str) -> None:
    assert answers[path]["headers"]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_no_other_site_learns_an_address(answers: dict[str, Any], path: str) -> None:
    assert answers[path]["headers"]["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [*PATHS[:7], "preflight"])
def test_no_other_origin_reads_an_answer(answers: dict[str, Any], path: str) -> None:
    assert not [name for name in answers[path]["headers"] if name.lower().startswith("access-control-")]


def test_each_cookie_is_secure_and_of_this_host(answers: dict[str, Any]) -> None:
    cookies = {name: kept for answer in answers.values() for name, kept in answer["cookies"].items()}
    assert {"__Host-csrf", "__Host-language"} <= cookies.keys()
    for name, kept in cookies.items():
        assert name.startswith("__Host-")
        assert (kept["secure"], kept["path"], kept.get("domain")) == (True, "/", None)


def test_no_cookie_follows_from_another_site_or_is_read_by_a_script(answers: dict[str, Any]) -> None:
    for answer in answers.values():
        for kept in answer["cookies"].values():
            assert kept["samesite"] in ("Lax", "Strict")
            assert kept["httponly"] is True


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html; charset=utf-8"), ("/nothing-here/", "text/html; charset=utf-8"),
     ("/api/registry/openapi.json", "application/json"),
     ("/api/registry/changes", "application/problem+json"),
     ("/static/portal/portal.js", 'text/javascript; charset="utf-8"')],
)  # fmt: skip
def test_each_answer_says_what_it_is(answers: dict[str, Any], path: str, kind: str) -> None:
    assert answers[path]["headers"]["Content-Type"] == kind


@pytest.mark.parametrize("method", ["trace", "track"])
def test_a_request_is_not_sent_back(answers: dict[str, Any], method: str) -> None:
    assert answers[method]["status"] == 405
    assert "Cookie" not in answers[method]["body"]


def test_a_node_without_a_proxy_believes_no_proxys_headers(answers: dict[str, Any]) -> None:
    assert "Strict-Transport-Security" not in answers["plain"]["headers"]
    assert answers["foreign host"]["status"] == 200
    assert "evil.example" not in answers["foreign host"]["body"]


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.env", "/node.toml", "/keys/django", "/admin/", "/static/", "/static/../keys"]
)
def test_what_is_no_page_is_not_there(answers: dict[str, Any], path: str) -> None:
    assert answers[path]["status"] == 404
    assert "keys" not in answers[path]["body"].split("<main")[-1]


def test_no_folder_is_listed(answers: dict[str, Any]) -> None:
    for folder in ("/static/", "/log/"):
        assert answers[folder]["status"] == 404


def test_no_environment_switches_debugging_on(node: dict[str, Any]) -> None:
    assert node["debug"] is False
    assert "Traceback" not in node["answers"]["/nothing-here/"]["body"]
    assert "urlpatterns" not in node["answers"]["/nothing-here/"]["body"]
