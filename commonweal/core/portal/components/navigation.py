"""What the navigation components' templates need beyond their parameters."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commonweal.core.portal.components.values import Context, Params, truthy


def breadcrumbs(params: Params) -> Context:
    return {"label": params.get("labelText", _("Breadcrumb"))}


def footer(params: Params) -> Context:
    return {
        "with_licence": bool(params["contentLicence"]),
        "meta": params["meta"] or Params(),
        "has_meta": truthy(params["meta"]),
    }


def generic_header(params: Params) -> Context:
    return {"namespace": "govuk-generic"}


def language_navigation(params: Params) -> Context:
    return {"label": params.get("ariaLabel", _("Language"))}


def pagination(params: Params) -> Context:
    previous, following, items = params["previous"], params["next"], params["items"]
    return {
        "previous": previous if previous and previous["href"] else None,
        "next": following if following and following["href"] else None,
        "has_items": truthy(items),
        "items": [
            {"item": item, "label": item.get("visuallyHiddenText") or _("Page {number}").format(number=item["number"])}
            for item in items or []
            if item
        ],
        "block": not truthy(items) and (truthy(previous) or truthy(following)),
    }


def service_navigation(params: Params) -> Context:
    slots = params["slots"] or Params()
    end = slots["end"]
    end_html = end["html"] if isinstance(end, Params) else end
    items = [item for item in params["navigation"] or [] if item]
    menu = params["menuButtonText"] or _("Menu")
    label = params["menuButtonLabel"]
    return {
        "slots": slots,
        "end_html": end_html,
        "end_inline": isinstance(end, Params) and end["align"] == "inline",
        "items": items,
        "has_navigation": bool(items) or truthy(slots["navigationStart"]) or truthy(slots["navigationEnd"]),
        "collapses": params.get("collapseNavigationOnMobile", len(items) > 1),
        "menu": menu,
        "menu_label": label if label and label != menu else "",
        "label": params["navigationLabel"] or menu,
        "navigation_id": params["navigationId"] or "navigation",
        "is_section": truthy(params["serviceName"]) or truthy(slots["start"]) or truthy(end_html),
        "section_label": params.get("ariaLabel", _("Service information")),
    }


PREPARATIONS = {
    "breadcrumbs": breadcrumbs,
    "footer": footer,
    "generic-header": generic_header,
    "language-navigation": language_navigation,
    "pagination": pagination,
    "service-navigation": service_navigation,
}
