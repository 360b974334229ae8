"""Django forms as GOV.UK components: each bound field becomes the parameters of one component."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.core.portal.components import render

Parameters = dict[str, Any]
Text = str | Promise

# HTML attributes of a widget that the components take as parameters of their own.
_OWN_PARAMETERS = {"autocomplete", "autocapitalize", "inputmode", "pattern", "rows"}
# Replaced by our own wording, or set by the component.
_DROPPED = {"class", "id", "required", "aria-describedby", "aria-invalid", "cols", "spellcheck", "placeholder"}

DATE_PARTS = ("day", "month", "year")


class PortalRenderer(DjangoTemplates):
    """Django's form renderer for the portal, so that `{{ form }}` gives our components too."""

    form_template_name = "portal/forms/fields.html"


class DateParts(forms.Widget):
    """Three short inputs: day, month, year."""

    def __init__(self, attrs: Parameters | None = None, autocomplete: str = "") -> None:
        super().__init__(attrs)
        self.autocomplete = autocomplete

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        return {part: (data.get(f"{name}-{part}") or "").strip() for part in DATE_PARTS}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return all(f"{name}-{part}" not in data for part in DATE_PARTS)

    def format_value(self, value: Any) -> dict[str, str]:
        if isinstance(value, dt.date):
            return {part: str(getattr(value, part)) for part in DATE_PARTS}
        return value if isinstance(value, dict) else {}


class DateField(forms.Field):
    """A date that people know by heart, typed as day, month and year.

    earliest, latest: the first and last date accepted.
    autocomplete: "bday" for the date of birth of the person who fills in the form.
    Cleans to `datetime.date`, or None if not required and left empty. Each error names what to do.
    """

    def __init__(
        self, *, earliest: dt.date | None = None, latest: dt.date | None = None, autocomplete: str = "", **more: Any
    ) -> None:
        super().__init__(widget=DateParts(autocomplete=autocomplete), **more)
        self.earliest, self.latest = earliest, latest

    def clean(self, value: Any) -> dt.date | None:
        parts: dict[str, str] = value or {}
        missing = [part for part in DATE_PARTS if not parts.get(part)]
        if len(missing) == len(DATE_PARTS):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if missing:
            raise ValidationError(_MISSING[missing[0]], code=missing[0])
        try:
            found = dt.date(*(int(parts[part]) for part in reversed(DATE_PARTS)))
        except ValueError as unreal:
            raise ValidationError(_("Enter a real date, for example 27 3 1984"), code="unreal") from unreal
        if found.year < 1000:
            raise ValidationError(_("Enter the year with 4 digits"), code="year")
        if self.earliest and found < self.earliest:
            raise ValidationError(_("The date must be %(date)s or later") % {"date": date_format(self.earliest)})
        if self.latest and found > self.latest:
            raise ValidationError(_("The date must be %(date)s or earlier") % {"date": date_format(self.latest)})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        typed = {part: text for part, text in (data or {}).items() if text}
        return bool(typed != self.widget.format_value(initial))


_MISSING = {
    "day": gettext_lazy("The date must include a day"),
    "month": gettext_lazy("The date must include a month"),
    "year": gettext_lazy("The date must include a year"),
}


def field_html(field: BoundField, *, page_heading: bool = False) -> SafeString:
    """One field with its label, hint and error. With `page_heading`, its label is the heading of the page."""
    if field.is_hidden:
        return mark_safe(str(field))  # noqa: S308 - Django's own widget escaped it
    component, own = _component(field)
    return render(component, {**_shared(field, component, page_heading), **own})


def error_summary(form: forms.BaseForm) -> SafeString:
    """The list of everything that is wrong, each entry a link to its field; it takes the focus when the page loads."""
    entries: list[Parameters] = [{"text": error} for error in form.non_field_errors()]
    for field in form:
        href = None if field.is_hidden else f"#{_error_id(field)}"
        entries += [{"text": message, "href": href} for message in _messages(field)]
    return render(
        "error-summary",
        title_text=_("There is a problem"),
        error_list=entries,
        attributes={"tabindex": "-1", "autofocus": {"value": True, "optional": True}},
    )


def _shared(field: BoundField, component: str, page_heading: bool) -> Parameters:
    """What all components take: name, label or legend, hint, error."""
    label = field.label if field.field.required else format_lazy(_("{label} (optional)"), label=field.label)
    heading = {"is_page_heading": page_heading}
    params: Parameters = {"name": field.html_name, "hint": _hint(field), "error_message": _error(field)}
    if component in ("radios", "checkboxes", "date-input"):
        size = "govuk-fieldset__legend--l" if page_heading else "govuk-fieldset__legend--s"
        return params | {"fieldset": {"legend": {"text": label, "classes": size, **heading}}}
    size = "govuk-label--l" if page_heading else "govuk-label--s"
    return params | {"id": field.auto_id, "label": {"text": label, "classes": size, **heading}}


def _hint(field: BoundField) -> Parameters | None:
    # Django's help texts may hold HTML that their author marked as safe; anything else is escaped.
    return {"html": conditional_escape(field.help_text)} if field.help_text else None


def _error(field: BoundField) -> Parameters | None:
    return {"text": _messages(field)[0]} if field.errors else None


def _messages(field: BoundField) -> list[Text]:
    """A field's errors. Django's "This field is required" gives way to words that name the field and the remedy."""
    missing = field.field.error_messages.get("required") == forms.Field.default_error_messages["required"]
    return [
        _missing(field) if error.code == "required" and missing else str(message)
        for error, message in zip(field.errors.as_data(), field.errors, strict=True)
    ]


def _missing(field: BoundField) -> Text:
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return _("Tick “%(label)s” to go on") % {"label": field.label}
    if isinstance(widget, forms.Select | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return _("Choose an answer for “%(label)s”") % {"label": field.label}
    return _("Fill in “%(label)s”") % {"label": field.label}


def _error_id(field: BoundField) -> str:
    if isinstance(field.field.widget, DateParts):
        return f"{field.auto_id}-{_wrong_date_parts(field)[0]}"
    return str(field.auto_id)


def _wrong_date_parts(field: BoundField) -> tuple[str, ...]:
    codes = [error.code for error in field.errors.as_data()]
    return tuple(part for part in DATE_PARTS if part in codes) or DATE_PARTS


def _component(field: BoundField) -> tuple[str, Parameters]:
    """The component for a field's widget, and its parameters beyond the shared ones."""
    for widget, describe in _DESCRIPTIONS:
        if isinstance(field.field.widget, widget):
            return describe(field)
    return _input(field)


def _input(field: BoundField) -> tuple[str, Parameters]:
    widget = field.field.widget
    value = widget.format_value(field.value())
    kind = getattr(widget, "input_type", "text")
    if kind == "number":
        # The browser's number field changes what people typed when they scroll; a numeric keyboard does not.
        params = _attributes(field)
        params["attributes"] = {k: v for k, v in params["attributes"].items() if k not in ("min", "max", "step")}
        return "input", {"value": value, "inputmode": "numeric", **params}
    return "input", {"type": kind, "value": value, **_spelling(field), **_attributes(field)}


def _spelling(field: BoundField) -> Parameters:
    return {"spellcheck": False} if isinstance(field.field, forms.EmailField) or "code" in field.name else {}


def _password(field: BoundField) -> tuple[str, Parameters]:
    return "password-input", _attributes(field)


def _textarea(field: BoundField) -> tuple[str, Parameters]:
    params = {"value": field.value(), "rows": 5, **_attributes(field)}
    limit = getattr(field.field, "max_length", None)
    if limit:
        params["attributes"] = {k: v for k, v in params["attributes"].items() if k != "maxlength"}
        return "character-count", {**params, "maxlength": limit}
    return "textarea", params


def _tick_box(field: BoundField) -> tuple[str, Parameters]:
    """A single box stands alone: its own label says it all, without a legend around it."""
    item = {"value": "on", "text": field.label, "checked": bool(field.value()), "hint": _hint(field)}
    return "checkboxes", {"id_prefix": field.auto_id, "fieldset": None, "hint": None, "items": [item]}


def _radios(field: BoundField) -> tuple[str, Parameters]:
    items = [{"value": value, "text": label} for value, label in _choices(field) if value != ""]
    return "radios", {"id_prefix": field.auto_id, "value": _as_text(field.value()), "items": items}


def _checkboxes(field: BoundField) -> tuple[str, Parameters]:
    chosen = [str(value) for value in field.value() or []]
    items = [{"value": value, "text": label} for value, label in _choices(field)]
    return "checkboxes", {"id_prefix": field.auto_id, "values": chosen, "items": items}


def _select(field: BoundField) -> tuple[str, Parameters]:
    items = [{"value": value, "text": label} for value, label in _choices(field)]
    return "select", {"value": _as_text(field.value()), "items": items, **_attributes(field)}


def _choices(field: BoundField) -> list[tuple[str, Text]]:
    """Values and labels, those of groups flattened."""
    flat: list[tuple[str, Text]] = []
    for value, label in field.field.widget.choices:
        grouped = label if isinstance(label, list | tuple) else [(value, label)]
        flat += [(_as_text(inner), text) for inner, text in grouped]
    return flat


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _date(field: BoundField) -> tuple[str, Parameters]:
    widget = cast(DateParts, field.field.widget)
    values = widget.format_value(field.value())
    wrong = _wrong_date_parts(field) if field.errors else ()
    fill_in = {part: f"{widget.autocomplete}-{part}" for part in DATE_PARTS} if widget.autocomplete else {}
    items = [
        {"name": part, "value": values.get(part, ""), "error": part in wrong, "autocomplete": fill_in.get(part)}
        for part in DATE_PARTS
    ]
    return "date-input", {"id": field.auto_id, "name_prefix": field.html_name, "items": items}


def _file(field: BoundField) -> tuple[str, Parameters]:
    multiple = getattr(field.field.widget, "allow_multiple_selected", False)
    return "file-upload", {"multiple": multiple, **_attributes(field)}


def _attributes(field: BoundField) -> Parameters:
    """A widget's HTML attributes, split into the component's own parameters and the rest."""
    given = field.build_widget_attrs({**field.field.widget.attrs})
    own = {name: given[name] for name in _OWN_PARAMETERS & given.keys()}
    rest = {
        name: {"value": value, "optional": True}
        for name, value in given.items()
        if name not in _OWN_PARAMETERS and name not in _DROPPED
    }
    return {**own, "classes": given.get("class"), "disabled": bool(given.get("disabled")), "attributes": rest}


Description = Callable[[BoundField], tuple[str, Parameters]]
_DESCRIPTIONS: tuple[tuple[type[forms.Widget], Description], ...] = (
    (DateParts, _date),
    (forms.Textarea, _textarea),
    (forms.CheckboxSelectMultiple, _checkboxes),
    (forms.RadioSelect, _radios),
    (forms.SelectMultiple, _checkboxes),
    (forms.Select, _select),
    (forms.CheckboxInput, _tick_box),
    (forms.PasswordInput, _password),
    (forms.FileInput, _file),
)
