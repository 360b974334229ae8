"""Fifty conversations at once: browsers without JavaScript, each asking every 10 s for a minute.

A node as `commonweal up` serves it (granian, SQLite, 4 threads), with the demo town's guidance and the questions of our
own about it; with COMMONWEAL_PAGES=2000 so many made pages (benchmarks/assistant_pages) and the open dialogues'
questions. The time of an answer is wall time, from sending the form until the page that it leads to was read.

Peer, in the same run: the same browsers load the same page, with all that was said in it, and ask nothing. What an
answer has more is the look-up, the two messages that are stored, and one redirection.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import numpy as np

from benchmarks.gateway import Server
from benchmarks.table import report
from commonweal.services.assistant.values import NewPage

CLIENTS, EVERY, SECONDS = 50, 10.0, 60.0
AT_ONCE = 500  # pages that are published together
PAGES = int(os.environ.get("COMMONWEAL_PAGES", "0"))
SLOWEST = 60.0  # seconds after which a browser gives up
WORKERS = int(os.environ.get("COMMONWEAL_WORKERS", "1"))


def main() -> int:
    """Make the node, let the clients ask, then only look, and print."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        questions, pages = prepare(folder)
        cores = tuple(os.sched_getaffinity(0))
        with Server(folder, "wsgi", "commonweal.config.wsgi:application", workers=WORKERS, cores=cores) as server:
            browsers = [Browser(f"http://localhost:{server.port}/assistant/") for _ in range(CLIENTS)]
            first = _timed(lambda: Browser(browsers[0].address).ask(questions[0]))
            chance = random.Random(6)
            before = server.memory()
            asked = at_once(browsers, lambda browser: browser.ask(chance.choice(questions)))
            memory = server.memory()
            looked = at_once(browsers, Browser.look)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    answers, loads = asked.times, looked.times
    p95 = _p95(answers)
    conditions = (
        f"{pages} pages, no model, {WORKERS} process(es) of 4 threads on {len(cores)} cores with the clients; "
        f"each asks every {EVERY:.0f} s for {SECONDS:.0f} s"
    )
    report(
        "assistant_conversations",
        [
            (f"answers of {CLIENTS} conversations", f"{len(answers)}", ""),
            ("  failed", f"{len(asked.failures)}", "none"),
            ("  page and answer, p50 / p95", f"{statistics.median(answers):.0f} / {p95:.0f} ms", "p95 <= 1,000 ms"),
            ("  the slowest", f"{max(answers):.0f} ms", ""),
            ("  the first of the node", f"{first:.0f} ms", ""),
            ("the page alone, p50 / p95", f"{statistics.median(loads):.0f} / {_p95(loads):.0f} ms", "peer"),
            ("  failed", f"{len(looked.failures)}", ""),
            ("memory of the web processes, before / after", f"{before / 1e6:.0f} / {memory / 1e6:.0f} MB", ""),
        ],
        ours=p95, unit="ms, p95", goal=1000, peer=_p95(loads),
        peer_name="the same page loaded without asking: no look-up, nothing stored, no redirection",
        conditions=conditions,
    )  # fmt: skip
    for failure in [*asked.failures, *looked.failures][:5]:
        print(f"  {failure}", file=sys.stderr)
    return 1 if asked.failures else 0


class Browser:
    """A browser without JavaScript: cookies, the page's own form with all that is hidden in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.form = _Form()
        self.look()

    def look(self) -> None:
        """Load the page."""
        self._read(self.address, None)

    def ask(self, question: str) -> None:
        """Send the form of the page as it is, and read the page that comes; it must hold the answer."""
        said = self.form.said
        self._read(self.address + self.form.action, self.form.hidden | {"text": question})
        if self.form.said != said + 2:
            raise AssertionError(f"{question!r} was not answered")

    def _read(self, address: str, fields: dict[str, str] | None) -> None:
        sent = urlencode(fields).encode() if fields else None
        with self.opener.open(address, sent, timeout=SLOWEST) as answer:
            self.form = _Form()
            self.form.feed(answer.read().decode())


class _Form(HTMLParser):
    """The form with the field `text`, and how many messages the page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.hidden, self.said = "", dict[str, str](), 0
        self._action, self._hidden = "", dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: content or "" for name, content in attrs}
        if tag == "form":
            self._action, self._hidden = given.get("action", ""), {}
        elif tag == "input" and given.get("type") == "hidden":
            self._hidden[given["name"]] = given.get("value", "")
        elif tag == "textarea" and given.get("name") == "text":
            self.action, self.hidden = self._action, self._hidden
        elif tag == "li" and "cw-talk__said" in given.get("class", ""):
            self.said += 1


class Measured:
    """Milliseconds of what went well, and what did not."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failures: list[str] = []


def at_once(browsers: list[Browser], does: Callable[[Browser], None]) -> Measured:
    """Every browser does it again and again, each beginning at another moment of the first ten seconds."""
    measured, began = Measured(), time.monotonic()

    def live(browser: Browser, at: int) -> None:
        due = began + EVERY * at / len(browsers)
        while due < began + SECONDS:
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                measured.times.append(_timed(lambda: does(browser)))
            except (OSError, AssertionError) as error:
                measured.failures.append(f"{type(error).__name__}: {error}")
            due += EVERY

    threads = [threading.Thread(target=live, args=(browser, at)) for at, browser in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured


def prepare(folder: Path) -> tuple[list[str], int]:
    """A node with guidance, indexed; the questions, and how many pages there are."""
    os.environ["COMMONWEAL_HOME"] = str(folder)
    from commonweal.commands import init
    from commonweal.config import node as nodes

    init.prepare(nodes.create(folder, "Bench", "demo.bench.example/log", "http://localhost:8000", ("assistant",)))
    from commonweal.core.identity.actors import the_node
    from commonweal.services.assistant import demo, search, service
    from commonweal.services.assistant.publishing import service as publishing

    if PAGES:
        pages = _made()
        while some := list(islice(pages, AT_ONCE)):
            publishing.publish(the_node("set-up"), some)
        questions = _open_questions()
    else:
        publishing.load_folder(the_node("set-up"), demo.GUIDANCE)
        publishing.load_folder(the_node("set-up"), demo.FLOWS)
        questions = _own_questions()
    for language in search.languages():
        search.index(language)
    return questions, len(service.pages())


def _own_questions() -> list[str]:
    from tests.services.assistant import town_questions

    asked = town_questions.SENTENCES + town_questions.PAGES + town_questions.UNANSWERED
    return [line.partition(" |")[0] for line in asked.splitlines() if line]


def _open_questions() -> list[str]:
    from benchmarks.assistant_pages import FOLDER
    from commonweal.services.assistant.engine import open_data, safety

    asked = [case.turns[-1].text for case in open_data.va(FOLDER).cases]
    return [text for text in asked if not safety.alarm(text)]


def _made() -> Iterator[NewPage]:
    from benchmarks.assistant_pages import made_pages

    for number, page in enumerate(made_pages(PAGES)):
        yield NewPage(f"made-{number}", "en", page.title[:200], page.source, "register", "made")


def _timed(does: Callable[[], object]) -> float:
    started = time.perf_counter()
    does()
    return 1000 * (time.perf_counter() - started)


def _p95(times: list[float]) -> float:
    return float(np.percentile(times, 95))


if __name__ == "__main__":
    sys.exit(main())
