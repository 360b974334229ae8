"""Acceptance 7: existing sources are offered by one TOML file each; what must not pass is refused, and why is said."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection as http_client  # noqa: N813
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.sources.sql import BadQuery, read_query
from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import ACCESS, HEAD, Federation
from tests.core.exchange.federation import SUBJECT as ABOUT

BODY = json.dumps(SUBJECT).encode()


class BackEnd(BaseHTTPRequestHandler):
    """An agency's old system."""

    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.path.startswith("/old/slow"):
            time.sleep(3)
        status, headers, answer = 200, {"Content-Type": "text/plain", "X-Own": "yes", "X-Road-Id": "forged"}, b"answer"
        if self.path.startswith("/old/away"):
            status, headers, answer = 302, {"Location": "http://evil.example/"}, b""
        if self.path.startswith("/old/teapot"):
            status = 418
        if self.path.startswith("/old/large"):
            answer = b"x" * 3_000_000
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def back_end() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BackEnd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def http(town: Federation, back_end: int) -> Federation:
    endpoints = "".join(
        f'[[endpoint]]\nmethod = "{method}"\npath = "{path}"\n'
        for method, path in [("GET", "/*"), ("POST", "/things"), ("GET", "/deep/**")]
    )
    town.offer("old", HEAD.format(code="old") + endpoints + ACCESS +
               f'[http]\naddress = "http://127.0.0.1:{back_end}/old"\ntimeout = 1.5\nlargest = "2 MB"\n')  # fmt: skip
    return town


def test_a_back_end_sees_what_was_asked_and_no_more(http: Federation) -> None:
    answer = http.ask("old", "/things?b=1&a=2", body=b"content", X_Mine="1", Accept="text/plain", Connection="close")
    assert (answer.status, answer.body, answer.headers["x-own"]) == (200, b"answer", "yes")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["x-road-id"] != "forged"
    method, path, headers, body = BackEnd.seen[-1]
    assert (method, path, body) == ("POST", "/old/things?b=1&a=2", b"content")
    assert (headers["x-mine"], headers["accept"]) == ("1", "text/plain")
    assert headers["x-road-client"] == http.CLIENT
    assert "urllib" not in headers.get("user-agent", "")
    assert "authorization" not in headers


def test_the_back_ends_own_errors_and_redirects_pass_as_they_are(http: Federation) -> None:
    assert http.ask("old", "/teapot", method="GET").status == 418
    connection = http_client("127.0.0.1", http.benefits.port)
    connection.request("GET", f"/r1/{http.SERVICE}/old/away", headers={"X-Road-Client": http.CLIENT})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (302, "http://evil.example/")
    connection.close()
    record = http.register.records()[-1]
    assert record["action"] == "exchange.provide"


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/a/b", "Server.ServerProxy.UnknownEndpoint"),
        ("GET", "", "Server.ServerProxy.UnknownEndpoint"),
        ("POST", "/other", "Client.MethodNotAllowed"),
        ("PUT", "/things", "Client.MethodNotAllowed"),
    ],
)
def test_a_path_outside_the_list_never_reaches_the_back_end(
    http: Federation, method: str, path: str, error: str
) -> None:
    before = len(BackEnd.seen)
    answer = http.ask("old", path, method=method)
    assert answer.error == error
    assert (answer.status == 405) == ("allow" in answer.headers)
    assert len(BackEnd.seen) == before


def test_a_deep_path_within_the_list(http: Federation) -> None:
    assert http.ask("old", "/deep/a/b/c", method="GET").status == 200


def test_a_slow_back_end_is_cut(http: Federation) -> None:
    started = time.monotonic()
    answer = http.ask("old", "/slow", method="GET")
    assert answer.error == "Server.ServerProxy.ServiceTimeout"
    assert "1.5 s" in answer.json["message"]
    assert time.monotonic() - started < 2.8
    assert "disclosed" not in http.register.records()[-1]


def test_an_answer_that_is_too_large_is_cut(http: Federation) -> None:
    assert http.ask("old", "/large", method="GET").error == "Server.ServerProxy.AnswerTooLarge"


def test_a_back_end_that_is_away(town: Federation) -> None:
    town.offer("gone", HEAD.format(code="gone") + '[[endpoint]]\nmethod = "GET"\npath = "/x"\n' + ACCESS
               + '[http]\naddress = "http://127.0.0.1:9"\n')  # fmt: skip
    assert town.ask("gone", "/x", method="GET").error == "Server.ServerProxy.NetworkError"


def test_a_service_that_is_not_opened_to_the_system(town: Federation) -> None:
    town.offer("closed", HEAD.format(code="closed") + '[[endpoint]]\nmethod = "GET"\npath = "/x"\n'
               + '[http]\naddress = "http://127.0.0.1:9"\n')  # fmt: skip
    assert town.ask("closed", "/x", method="GET").error == "Server.ServerProxy.AccessDenied"
    assert town.register.records()[-1]["decision"] == "refused"


QUERIES = {
    "cars": "-- whose\nSELECT plate, year FROM car WHERE owner = :subject AND year >= :since ORDER BY plate;",
    "slow": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1e9) SELECT count(*) FROM n",
    "all": "SELECT a.plate FROM car a, car b, car c, car d",
}


@pytest.fixture(scope="module")
def database(town: Federation) -> Path:
    path = town.register.home / "cars.sqlite3"
    rows = [(f"B-{n}", f"7001010000{n % 3}", 2000 + n) for n in range(9)]
    with sqlite3.connect(path) as cars:
        cars.execute("CREATE TABLE car (plate TEXT, owner TEXT, year INTEGER)")
        cars.executemany("INSERT INTO car VALUES (?, ?, ?)", rows)
    for name, text in QUERIES.items():
        (town.register.home / f"offers/{name}.sql").write_text(text)
    endpoints = "".join(f'[[endpoint]]\nmethod = "POST"\npath = "/{name}"\n' for name in QUERIES)
    queries = "".join(f'[[sql.query]]\nendpoint = "POST /{name}"\nfile = "{name}.sql"\n' for name in QUERIES)
    source = f'[sql]\ndatabase = "sqlite:///{path}"\ntimeout = 0.5\nmost = 100\n'
    town.offer("cars", HEAD.format(code="cars") + endpoints + ABOUT + ACCESS + source + queries)
    return path


def test_a_database_answers_by_toml_alone(town: Federation, database: Path) -> None:
    answer = town.ask("cars", "/cars?since=2005", body=BODY)
    assert answer.json == {"rows": [{"plate": "B-7", "year": 2007}]}
    record = town.register.records()[-1]
    assert record["action"] == "exchange.provide"
    assert record["subject"] != "node"
    assert record["disclosed"] == ["exchange/service"]


def test_parameters_are_values_and_never_sql(town: Federation, database: Path) -> None:
    hostile = json.dumps(SUBJECT | {"since": "0 OR 1=1; DROP TABLE car"}).encode()
    assert town.ask("cars", "/cars", body=hostile).json == {"rows": []}
    with sqlite3.connect(database) as cars:
        assert cars.execute("SELECT count(*) FROM car").fetchone() == (9,)


def test_a_missing_parameter_a_slow_query_and_too_many_rows(town: Federation, database: Path) -> None:
    assert town.ask("cars", "/cars", body=BODY).json == {"error": "state `since`"}
    assert town.ask("cars", "/slow", body=BODY).error == "Server.ServerProxy.ServiceTimeout"
    assert town.ask("cars", "/all", body=BODY).error == "Server.ServerProxy.AnswerTooLarge"


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM car", "SELECT 1; DROP TABLE car", "WITH x AS (DELETE FROM car RETURNING *) SELECT * FROM x",
        "PRAGMA writable_schema = 1", "ATTACH 'x' AS y", "SELECT * INTO copy FROM car",
        "select 1 -- ;\n; update car set a=1",
        "", "EXPLAIN SELECT 1", "SELECT * FROM car FOR UPDATE; COMMIT",
    ],
)  # fmt: skip
def test_a_query_that_writes_cannot_be_offered(text: str) -> None:
    with pytest.raises(BadQuery):
        read_query(Endpoint("GET", "/x"), text)


def test_words_in_texts_and_comments_are_no_commands() -> None:
    query = read_query(Endpoint("GET", "/x"), "SELECT 'delete; drop' AS word -- update\nFROM car WHERE plate = :plate")
    assert query.parameters == ("plate",)


def offer_files(town: Federation, name: str, folder: Path, source: str) -> None:
    endpoint = f'[[endpoint]]\nmethod = "POST"\npath = "/{name}"\n'
    files = f'[files]\nfolder = "{folder}"\nkey = "person"\n{source}'
    town.offer(name, HEAD.format(code=name) + endpoint + ABOUT + ACCESS + files)


def test_delimited_files_answer_by_toml_alone(town: Federation, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("person;dog\n70010100001;Rex\n70010100002;Bello\n", "latin-1")
    (tmp_path / "b.csv").write_text("person;dog\n70010100001;Zoë\n", "latin-1")
    offer_files(town, "dogs", tmp_path, 'pattern = "*.csv"\ndelimiter = ";"\nencoding = "latin-1"\n')
    assert [row["dog"] for row in town.ask("dogs", "/dogs", body=BODY).json["rows"]] == ["Rex", "Zoë"]


def test_fixed_width_files_answer_by_toml_alone(town: Federation, tmp_path: Path) -> None:
    (tmp_path / "land.txt").write_text("70010100001PLOT01  120\n70010100002PLOT02   90\n")
    offer_files(town, "land", tmp_path, "[files.columns]\nperson = [1, 11]\nplot = [12, 17]\narea = [18, 22]\n")
    found = town.ask("land", "/land", body=BODY).json
    assert found == {"rows": [{"person": "70010100001", "plot": "PLOT01", "area": "120"}]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[http]", "[htp]"), "say where answers come from"),
        (('method = "GET"', 'method = "STEAL"'), "a method, and a path"),
        (('path = "/x"', 'path = "/../x"'), "a method, and a path"),
        (("http://127.0.0.1:9", "file:///etc"), "begins with http://"),
        (("http://127.0.0.1:9", "http://backend.example"), "anybody on the way can read"),
        (('code = "bad"', ""), "`code` is missing"),
        (("benefits.assessment", "curiosity"), "no room declares the purpose curiosity"),
        (("[[access]]", '[[access]]\npurposes = ["tax.assessment"]'), "which the service does not serve"),
        (
            (
                "[http]",
                '[sql]\ndatabase = "sqlite:///x"\n[[sql.query]]\nendpoint = "GET /x"\nfile = "write.sql"\n[other]',
            ),
            "a query is one SELECT",
        ),
        (("title", "= title"), "Invalid"),
    ],
)
def test_commonweal_check_names_what_is_wrong(town: Federation, change: tuple[str, str], says: str) -> None:
    offers = town.register.home / "offers"
    (offers / "write.sql").write_text("DELETE FROM car")
    text = (
        HEAD.format(code="bad")
        + '[[endpoint]]\nmethod = "GET"\npath = "/x"\n'
        + ACCESS
        + '[http]\naddress = "http://127.0.0.1:9"\n'
    )
    path = offers / "bad.toml"
    path.write_text(text.replace(*change))
    try:
        from commonweal.core.exchange import offers as module

        found = [one for one in module.problems(town.register.home) if "bad.toml" in one]
        assert found
        assert says in found[0]
    finally:
        path.unlink()
