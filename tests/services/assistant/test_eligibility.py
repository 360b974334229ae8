"""Am I eligible? By keyboard without scripts in Arabic, by text messages, and with an officer: one and the same."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import models, service
from commonweal.services.assistant.channels.sms import receive
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Result
from tests.core.portal import page_checks
from tests.services.assistant.test_circumstances import ANSWERS
from tests.walk.cast import Cast
from tests.walk.visitors import choose, press, visitor, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]
ASKED = "من يمكنه الحصول على إعانة السكن؟"
NUMBER = "+34 600 123 456"


def test_am_i_eligible(browser: Browser, live_server: Any, cast: Cast) -> None:
    publishing.load_folder(the_node("command"), GUIDANCE)
    publishing.load_folder(the_node("command"), FLOWS)
    with visitor(browser, script=False) as somebody, visitor(browser, script=False) as olu:
        web = by_keyboard(somebody, live_server.url)
        officer = with_an_officer(somebody, olu, live_server.url, cast)
    results = [web, by_text_message(), officer]
    assert {(one.outcome, one.version, one.trace) for one in results} == {(web.outcome, web.version, web.trace)}
    assert (web.outcome, web.language, len(web.trace)) == ("yes", "ar", 4)


def by_keyboard(page: Page, site: str) -> Result:
    page.goto(f"{site}/assistant/")
    write(page, "text", ASKED)
    press(page, page.locator("main form button").last)
    press(page, page.locator("button[name=begin]"))
    for question, option in ANSWERS.items():
        expect(page.locator("[name=question]")).to_have_value(question)
        choose(page, "option", option)
        if question == "student":  # back to the one before, and on again
            press(page, page.locator("button[name=back]"))
            choose(page, "option", "yes")
            press(page, page.locator("main form button").first)
            choose(page, "option", option)
        press(page, page.locator("main form button").first)
    assert page.locator("html").get_attribute("dir") == "rtl"
    talk = models.Conversation.objects.latest("began")
    result = service.talk(ANONYMOUS, str(talk.id)).place
    assert isinstance(result, Result)
    expect(page.locator("main")).to_contain_text(result.text)
    expect(page.locator("main blockquote").last).to_contain_text("1500 يورو")
    return result


def with_an_officer(page: Page, olu: Page, site: str, cast: Cast) -> Result:
    press(page, page.locator("form[action='/assistant/person/'] button"))
    olu.goto(f"{site}/sign-in/demo/")
    press(olu, olu.locator(f"button[name=account][value='{cast.accounts['enquiry-officer'].id}']"))
    olu.goto(f"{site}/assistant/queue/")
    talk = str(models.Conversation.objects.latest("began").id)
    press(olu, olu.locator(f"form[action$='{talk}/'] button"))
    press(olu, olu.locator("button[name=leave]"))
    olu.locator("select[name=flow]").select_option("housing-benefit")
    press(olu, olu.locator("form:has(select[name=flow]) button"))
    for question, option in ANSWERS.items():
        expect(olu.locator("[name=question]")).to_have_value(question)
        choose(olu, "option", option)
        press(olu, olu.locator("form:has([name=option]) button"))
    result = service.talk(ANONYMOUS, talk).place
    assert isinstance(result, Result)
    page.reload()
    expect(page.locator("main")).to_contain_text(cast.accounts["enquiry-officer"].name)
    return result


def by_text_message() -> Result:
    receive(NUMBER, "AR")
    receive(NUMBER, ASKED)
    receive(NUMBER, "1")
    for question, option in ANSWERS.items():
        options = list(service.flow("housing-benefit", "ar").flow.questions[question].options)
        receive(NUMBER, str(1 + options.index(option)))
    line = service.line(NUMBER)
    assert line
    result = service.talk(ANONYMOUS, line.talk_id).place
    assert isinstance(result, Result)
    return result
