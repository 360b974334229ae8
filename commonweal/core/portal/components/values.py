"""Parameters as the Nunjucks macros see them: names in camelCase, JavaScript's idea of true, attributes as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

Raw = Mapping[str, Any]
Context = dict[str, Any]

# Their keys belong to the caller: HTML attribute names, and names of form fields.
_KEYS_KEPT = {"attributes", "wrapperAttributes", "values"}


_TEXT_SUFFICES = ("label", "hint", "errorMessage", "legend", "tag")


class Params(dict[str, Any]):
    """Parameters whose missing entries read as an empty string, in templates as well."""

    def __missing__(self, key: str) -> str:
        return ""


def camel_case(name: str) -> str:
    """The Nunjucks name of a Python name: `error_message` -> `errorMessage`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others) if first else name


def normalised(raw: Raw) -> Params:
    """The same parameters, on every level, with camelCase names and without nulls."""
    params = Params()
    for key, value in raw.items():
        name = camel_case(key)
        if name in _KEYS_KEPT:
            params[name] = value
        elif value is not None:
            params[name] = _normalised_value(value)
    return params


def with_plain_text(params: Params) -> Params:
    """Where the macros want `{"text": ...}`, a plain string is as good, because templates cannot write mappings."""
    for name in _TEXT_SUFFICES:
        if isinstance(params[name], str | Promise) and params[name]:
            params[name] = Params({"html" if hasattr(params[name], "__html__") else "text": params[name]})
    return params


def _normalised_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value if isinstance(value, Params) else normalised(value)
    if is_dataclass(value) and not isinstance(value, type):
        return normalised({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, list | tuple):
        return [_normalised_value(item) for item in value]
    return value


def truthy(value: Any) -> bool:
    """JavaScript's truth: empty lists and mappings count as given, unlike in Python."""
    return isinstance(value, Mapping | list | tuple) or bool(value)


def text(value: Any) -> str:
    """A value as JavaScript prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def content(params: Any, name: str = "") -> SafeString:
    """The `html` of a parameter if it has one, else its escaped `text`; with a name, `titleHtml` or `titleText`.

    HTML counts as such only if it is marked safe (a template's own literal, `format_html`); else it is escaped.
    """
    if not isinstance(params, Mapping):
        return SafeString()
    html = params.get(f"{name}Html" if name else "html")
    return conditional_escape(html if html else printed(params.get(f"{name}Text" if name else "text")))


def printed(value: Any) -> Any:
    """A value as JavaScript prints it; what is marked safe stays marked."""
    return value if hasattr(value, "__html__") else text(value)


def attributes(given: Any) -> SafeString:
    """HTML attributes, each with a leading space, from a mapping of names to values.

    A value may be `{"value": ..., "optional": True}`: then it is left out when false, and true gives the bare name.
    """
    if isinstance(given, SafeString):
        return given
    if not isinstance(given, Mapping):
        return SafeString()
    return SafeString("".join(_attribute(name, item) for name, item in given.items()))


def _attribute(name: str, item: Any) -> str:
    optional = isinstance(item, Mapping) and item.get("optional") is True
    value = item.get("value") if isinstance(item, Mapping) else item
    if optional and (value is None or value is False):
        return ""
    if optional and value is True:
        return f" {conditional_escape(name)}"
    return f' {conditional_escape(name)}="{conditional_escape(printed(value))}"'


def classes(*names: Any) -> str:
    """Class names joined by spaces, empty ones left out."""
    return " ".join(str(name) for name in names if name)


def ids(*names: Any) -> str:
    """Element ids for `aria-describedby`."""
    return classes(*names)


def wording(key: str, given: Any, default: str = "") -> dict[str, Any]:
    """The `data-i18n` attributes for one phrase of a component's script.

    Without a given phrase the script's own English default stands, except where it is translated: then that is sent.
    A mapping gives one phrase for each plural form.
    """
    if isinstance(given, Mapping):
        return {f"data-i18n.{key}.{form}": phrase for form, phrase in given.items()}
    if given:
        return {f"data-i18n.{key}": given}
    if default and (translated := gettext(default)) != default:
        return {f"data-i18n.{key}": translated}
    return {}


# One number that stands for each plural category of CLDR, in the languages we know.
_PLURAL_SAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def counted_wording(key: str, given: Any, one: str, many: str) -> dict[str, Any]:
    """The same for a phrase with a count, `%(count)s` in both English forms."""
    if given:
        return wording(key, given)
    if ngettext(one, many, 1) == one and ngettext(one, many, 2) == many:
        return {}
    return {
        f"data-i18n.{key}.{category}": ngettext(one, many, number) % {"count": "%{count}"}
        for category, number in _PLURAL_SAMPLES.items()
    }


def indexed(items: Any) -> Iterable[tuple[int, Params]]:
    """Items that are given, each with its position from 1; a null keeps its number and is left out."""
    return ((n, item) for n, item in enumerate(items or [], start=1) if isinstance(item, Params) and item)


def mentions(names: Any, fragment: str) -> bool:
    return bool(names) and fragment in str(names)
