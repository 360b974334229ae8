"""The assistant in a frame on another site: by keyboard, in no one's name, without a cookie, and only where allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect

from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import arrangements, models, service
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Result
from tests.core.portal import page_checks
from tests.services.assistant.conftest import PAGES
from tests.services.assistant.test_circumstances import ANSWERS
from tests.services.assistant.test_people import HOW_MUCH, arrange
from tests.walk.cast import Cast
from tests.walk.visitors import visitor

FRAME = "/assistant/frame/en/"


def post(client: Client, **given: str) -> Any:
    return client.post(FRAME, {"key": "k1", **given})


def test_a_conversation_without_a_cookie(room: None) -> None:
    publishing.publish(the_node("command"), PAGES)
    client = Client(enforce_csrf_checks=True)
    page = post(client, text=HOW_MUCH)
    assert "45 euros" in page.content.decode()
    assert not page.cookies
    talk = str(models.Conversation.objects.get().id)
    page = post(client, text=HOW_MUCH, talk=talk)  # the same form again says nothing twice
    assert len(service.talk(ANONYMOUS, talk).said) == 2
    page = post(client, person="1", talk=talk)
    assert "You wait for a person" in page.content.decode()
    assert not page.cookies
    assert "There is no such conversation" in post(client, text="Hm", talk="0").content.decode()
    assert 'role="alert"' in post(client, text="I want to kill myself").content.decode()
    assert models.Conversation.objects.count() == 1


def test_who_may_show_it(room: None) -> None:
    client = Client()
    page: Any = client.get(FRAME)
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    arrange('[embed]\norigins = ["https://www.town.example"]\n')
    page = client.get(FRAME)
    assert "frame-ancestors https://www.town.example;" in page["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page
    assert client.get("/assistant/")["X-Frame-Options"] == "DENY"
    for bad in ('["*"]', '["https://town.example/path"]', '"https://town.example"'):
        arrange(f"[embed]\norigins = {bad}\n")
        with pytest.raises(arrangements.BadArrangements, match="origins"):
            arrangements.arrangements()


@contextmanager
def another_site(address: str) -> Iterator[str]:
    """A town's own site with the assistant in a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            frame = f'<iframe src="{address}" title="Ask the town" width="320" height="900"></iframe>'
            self.wfile.write(f"<!DOCTYPE html><html lang=en><title>Town</title><h1>Town</h1>{frame}".encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed")
def test_am_i_eligible_in_a_frame_by_keyboard(browser: Browser, live_server: Any, cast: Cast) -> None:
    publishing.load_folder(the_node("command"), GUIDANCE)
    publishing.load_folder(the_node("command"), FLOWS)
    path = Path(settings.COMMONWEAL.home / arrangements.FILE)
    with (
        another_site(live_server.url + FRAME) as site,
        visitor(browser, script=False, width=360, language="en") as page,
    ):
        page.goto(site)
        frame = page.frame_locator("iframe")
        expect(frame.locator("textarea")).to_have_count(0)  # not allowed yet
        path.write_text(f'[embed]\norigins = ["{site}"]\n')
        page.reload()
        frame.locator("textarea").fill("Who can get housing benefit?")
        frame.locator("textarea").press("Tab")
        page.keyboard.press("Enter")
        frame.get_by_role("button", name="Can I get housing benefit?").press("Enter")
        flow = service.flow("housing-benefit", "en").flow
        for question, option in ANSWERS.items():
            expect(frame.locator(".cw-talk")).to_contain_text(flow.questions[question].text)
            frame.get_by_role("button", name=flow.questions[question].options[option], exact=True).press("Enter")
        expect(frame.locator(".cw-talk")).to_contain_text("You can probably get housing benefit")
        assert page.context.cookies() == []
        talk = models.Conversation.objects.latest("began")
    assert talk.person_id is None
    place = service.talk(ANONYMOUS, str(talk.id)).place
    assert isinstance(place, Result)
    assert place.outcome == "yes"


@pytest.mark.django_db(transaction=True)
def test_whoever_is_signed_in_beside_it_asks_in_no_ones_name(cast: Cast) -> None:
    publishing.publish(the_node("command"), PAGES)
    post(cast.clients["resident"], text=HOW_MUCH)
    assert models.Conversation.objects.latest("began").person_id is None
