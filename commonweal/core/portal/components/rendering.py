"""Renders one component: its preparation, if it has one, then its template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString

from commonweal.core.portal.components import content, fields, navigation
from commonweal.core.portal.components.values import Context, Params, Raw, normalised, with_plain_text

Preparation = Callable[[Params], Context]

PREPARATIONS: dict[str, Preparation] = {**content.PREPARATIONS, **fields.PREPARATIONS, **navigation.PREPARATIONS}


class UnknownComponent(ValueError):
    """There is no component of this name."""


def render(component: str, params: Raw | None = None, /, **more: Any) -> SafeString:
    """The HTML of a component.

    component: a name from the GOV.UK Design System, such as "date-input".
    params, more: the parameters of its Nunjucks macro, in camelCase or snake_case; `more` wins.
    Raises: UnknownComponent.
    """
    given = with_plain_text(normalised({**(params or {}), **more}))
    try:
        template = get_template(f"portal/components/{component}.html")
    except TemplateDoesNotExist as missing:
        raise UnknownComponent(f"there is no component {component!r}") from missing
    prepare = PREPARATIONS.get(component)
    context = {"params": given, **(prepare(given) if prepare else {})}
    return SafeString(template.render(context).strip())
