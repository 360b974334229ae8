"""Django forms as GOV.UK components: labels, hints, errors that say what to do, and nothing typed is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import html5lib
import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.portal.components import UnknownComponent, render
from commonweal.core.portal.forms import DateField, PortalRenderer, error_summary, field_html
from commonweal.core.portal.gallery import ExampleForm


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class BirthForm(forms.Form):
    born = DateField(label="Date of birth", earliest=dt.date(1900, 1, 1), latest=dt.date(2026, 1, 1))


def sent(day: str, month: str, year: str) -> BirthForm:
    return BirthForm({"born-day": day, "born-month": month, "born-year": year})


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2026, 1, 1)))
def test_every_date_comes_back_as_it_was_typed(date: dt.date) -> None:
    form = sent(str(date.day), str(date.month), str(date.year))
    assert form.is_valid()
    assert form.cleaned_data["born"] == date


@pytest.mark.parametrize(
    ("typed", "says", "leads_to"),
    [
        (("", "3", "1984"), "The date must include a day", "id_born-day"),
        (("27", "", "1984"), "The date must include a month", "id_born-month"),
        (("27", "3", ""), "The date must include a year", "id_born-year"),
        (("27", "3", "84"), "Enter the year with 4 digits", "id_born-year"),
        (("31", "2", "1984"), "Enter a real date, for example 27 3 1984", "id_born-day"),
        (("x", "3", "1984"), "Enter a real date, for example 27 3 1984", "id_born-day"),
        (("1", "1", "1899"), "The date must be 1 January 1900 or later", "id_born-day"),
        (("2", "1", "2026"), "The date must be 1 January 2026 or earlier", "id_born-day"),
        (("", "", ""), "Fill in “Date of birth”", "id_born-day"),
    ],
)
def test_a_wrong_date_says_what_to_do_and_where(typed: tuple[str, str, str], says: str, leads_to: str) -> None:
    form = sent(*typed)
    summary, field = error_summary(form), field_html(form["born"])
    assert f'<a href="#{leads_to}">{says}</a>' in summary
    assert says in field
    for value in filter(None, typed):
        assert f'value="{value}"' in field


def test_an_optional_date_may_be_left_out() -> None:
    assert DateField(required=False).clean({"day": "", "month": "", "year": ""}) is None


def test_a_date_that_is_known_fills_the_three_fields() -> None:
    html = field_html(BirthForm(initial={"born": dt.date(1984, 3, 27)})["born"])
    assert all(f'value="{part}"' in html for part in ("27", "3", "1984"))


def parsed(html: str) -> Any:
    return html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)


def test_every_error_in_the_summary_leads_to_a_field_that_exists() -> None:
    form = ExampleForm({}, {})
    html = "".join(field_html(field) for field in form)
    ids = {element.get("id") for element in parsed(html).iter()}
    links = [link.get("href")[1:] for link in parsed(error_summary(form)).iter("a")]
    assert len(links) == len(form.errors)
    assert set(links) <= ids


def test_every_input_has_a_name_of_its_own_and_a_label() -> None:
    html = "".join(field_html(field) for field in ExampleForm())
    tree = parsed(html)
    labelled = {label.get("for") for label in tree.iter("label")}
    controls = [element for element in tree.iter() if element.tag in ("input", "select", "textarea")]
    ids = [control.get("id") for control in controls]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= labelled


def test_what_was_typed_stays_in_the_form_and_cannot_become_markup() -> None:
    attack = '"><script>alert(1)</script>'
    html = "".join(field_html(field) for field in ExampleForm({"full_name": attack, "story": attack}, {}))
    assert "<script>" not in html
    assert parsed(html).find(".//input[@name='full_name']").get("value") == attack
    assert parsed(html).find(".//textarea").text == attack


@given(st.text())
def test_text_is_always_escaped(text: str) -> None:
    shown = "".join(parsed(render("hint", text=text)).itertext()).strip()
    reference = "".join(parsed(f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>").itertext()).strip()
    assert shown == reference


def test_html_counts_only_if_it_is_marked_safe() -> None:
    assert "<b>" not in render("hint", html="<b>bold</b>")
    assert "<b>" in render("hint", html=SafeString("<b>bold</b>"))


def test_parameters_may_be_written_as_python_writes_names() -> None:
    snake = render("input", id="a", name="a", label={"text": "A"}, error_message={"text": "No"})
    camel = render("input", {"id": "a", "name": "a", "label": {"text": "A"}, "errorMessage": {"text": "No"}})
    assert snake == camel


def test_a_plain_string_is_enough_where_a_text_is_wanted() -> None:
    assert render("input", name="a", label="A") == render("input", name="a", label={"text": "A"})


def test_an_unknown_component_is_named() -> None:
    with pytest.raises(UnknownComponent, match="no component 'buton'"):
        render("buton", text="Continue")


def test_a_block_fills_a_component() -> None:
    template = Template('{% load govuk %}{% govuk_with "inset-text" %}<b>{{ word }}</b>{% endgovuk_with %}')
    html = template.render(Context({"word": "a & b"}))
    assert "<b>a &amp; b</b>" in html
    assert "govuk-inset-text" in html


def test_header_and_footer_carry_no_emblem_of_another_government() -> None:
    for html in (render("header"), render("footer")):
        assert "crown" not in html.lower()
        assert "gov.uk" not in html.replace("govuk", "")
        assert "cw-mark" in html


def test_djangos_own_way_to_print_a_form_gives_the_same_components() -> None:
    form = ExampleForm(renderer=PortalRenderer())
    assert parsed(str(form)).find(".//input[@name='full_name']").get("class") == "govuk-input"
    assert all(f'name="{field.html_name}' in str(form) for field in form)


def test_a_whole_form_is_sent_by_post_with_its_token_and_its_files() -> None:
    template = Template("{% load govuk %}{% govuk_form form submit='Send' %}")
    html = template.render(Context({"form": ExampleForm(), "csrf_token": "token"}))
    form = parsed(html).find("form")
    assert (form.get("method"), form.get("enctype")) == ("post", "multipart/form-data")
    assert parsed(html).find(".//input[@name='csrfmiddlewaretoken']").get("value") == "token"
    assert "Send" in html


def test_one_question_on_a_page_is_its_heading() -> None:
    template = Template("{% load govuk %}{% govuk_form form page_heading=True %}")
    tree = parsed(template.render(Context({"form": BirthForm()})))
    assert [heading.text.strip() for heading in tree.iter("h1")] == ["Date of birth"]
