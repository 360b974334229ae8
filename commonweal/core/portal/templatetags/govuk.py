"""`{% load govuk %}`: the one way to put a GOV.UK component, a form or its errors on a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commonweal.core.portal import forms
from commonweal.core.portal.components import render, values

register = template.Library()
register.filter("attributes", values.attributes)
register.filter("content", values.content)


@register.simple_tag
def govuk(component: str, params: Any = None, **more: Any) -> SafeString:
    """`{% govuk "button" text=_("Continue") %}`; parameters may also come as one mapping, named ones win."""
    return render(component, params or None, **more)


@register.simple_block_tag(end_name="endgovuk_with")
def govuk_with(content: SafeString, component: str, params: Any = None, **more: Any) -> SafeString:
    """`{% govuk_with "inset-text" %}...{% endgovuk_with %}`: a component around what the block holds."""
    name = "description_html" if component == "error-summary" else "html"
    return render(component, params or None, **{name: content.strip() and SafeString(content.strip())}, **more)


@register.simple_tag
def govuk_errors(form: BaseForm) -> SafeString:
    """`{% govuk_errors form %}`: the error summary. The page frame shows it by itself for the context's `form`."""
    return forms.error_summary(form) if form.errors else SafeString()


@register.simple_tag
def govuk_field(field: BoundField, page_heading: bool = False) -> SafeString:
    """`{% govuk_field form.email %}`: one field."""
    return forms.field_html(field, page_heading=page_heading)


@register.simple_tag
def govuk_fields(form: BaseForm, page_heading: bool = False) -> SafeString:
    """`{% govuk_fields form %}`: all fields; with `page_heading`, the first label is the page's heading."""
    fields = [*form.hidden_fields(), *form.visible_fields()]
    heading = form.visible_fields()[:1] if page_heading else []
    return SafeString("\n".join(forms.field_html(field, page_heading=field in heading) for field in fields))


@register.inclusion_tag("portal/forms/form.html", takes_context=True)
def govuk_form(
    context: Context, form: BaseForm, action: str = "", submit: str = "", page_heading: bool = False
) -> dict[str, Any]:
    """`{% govuk_form form submit=_("Send") %}`: the whole form, sent by POST; the only form on its page."""
    return {
        "form": form,
        "action": action,
        "submit": submit or _("Continue"),
        "page_heading": page_heading,
        "csrf_token": context.get("csrf_token"),
    }
