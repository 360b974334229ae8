"""What the content components' templates need beyond their parameters."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from commonweal.core.portal.components.values import (
    Context,
    Params,
    attributes,
    classes,
    content,
    indexed,
    mentions,
    text,
    truthy,
    wording,
)


def accordion(params: Params) -> Context:
    phrases = {
        **wording("hide-all-sections", params["hideAllSectionsText"], "Hide all sections"),
        **wording("hide-section", params["hideSectionText"], "Hide"),
        **wording("hide-section-aria-label", params["hideSectionAriaLabelText"], "Hide this section"),
        **wording("show-all-sections", params["showAllSectionsText"], "Show all sections"),
        **wording("show-section", params["showSectionText"], "Show"),
        **wording("show-section-aria-label", params["showSectionAriaLabelText"], "Show this section"),
    }
    if "rememberExpanded" in params:
        phrases["data-remember-expanded"] = params["rememberExpanded"]
    return {"items": list(indexed(params["items"])), "level": params["headingLevel"] or 2, "phrases": phrases}


def button(params: Params) -> Context:
    prevent = {"data-prevent-double-click": params["preventDoubleClick"]} if "preventDoubleClick" in params else {}
    return {"prevent_double_click": prevent}


def details(params: Params) -> Context:
    return {"open": truthy(params["open"])}


def error_message(params: Params) -> Context:
    return {"prefix": params.get("visuallyHiddenText", _("Error"))}


def error_summary(params: Params) -> Context:
    focus = {"data-disable-auto-focus": params["disableAutoFocus"]} if "disableAutoFocus" in params else {}
    return {"auto_focus": focus, "described": truthy(params["descriptionHtml"]) or truthy(params["descriptionText"])}


def exit_this_page(params: Params) -> Context:
    return {
        "phrases": {
            **wording("activated", params["activatedText"]),
            **wording("timed-out", params["timedOutText"]),
            **wording("press-two-more-times", params["pressTwoMoreTimesText"]),
            **wording("press-one-more-time", params["pressOneMoreTimeText"]),
        },
        "default_wording": not (params["html"] or params["text"]),
        "attributes": {"rel": "nofollow noreferrer"},
    }


def notification_banner(params: Params) -> Context:
    success = params["type"] == "success"
    title = content(params, "title")
    focus = {"data-disable-auto-focus": params["disableAutoFocus"]} if "disableAutoFocus" in params else {}
    return {
        "success": success,
        "role": params["role"] or ("alert" if success else "region"),
        "title": title or (_("Success") if success else _("Important")),
        "title_id": params["titleId"] or "govuk-notification-banner-title",
        "level": params["titleHeadingLevel"] or 2,
        "auto_focus": focus,
    }


def panel(params: Params) -> Context:
    actions = params["actions"]
    return {
        "level": params["headingLevel"] or 1,
        "interruption": mentions(params["classes"], "govuk-panel--interruption"),
        "actions": actions,
        "action_items": [
            Params(action, buttonClasses=classes("govuk-button--inverse", action["classes"]))
            for action in ((actions["items"] or []) if actions else [])
        ],
    }


def phase_banner(params: Params) -> Context:
    tag = params["tag"] or Params()
    return {"tag_classes": classes("govuk-phase-banner__content__tag", tag["classes"])}


def summary_list(params: Params) -> Context:
    rows = [row for row in params["rows"] or [] if row]
    card = params["card"]
    title: Params = (card["title"] if card else None) or Params()
    return {
        "rows": [{"row": row, "actions": (row["actions"] or Params())["items"] or []} for row in rows],
        "any_actions": any((row["actions"] or Params())["items"] for row in rows),
        "in_card": truthy(card),
        "has_title": bool(title),
        "title": title,
        "level": title["headingLevel"] or 2,
        "card_actions": ((card["actions"] or Params())["items"] or []) if card else [],
    }


def table(params: Params) -> Context:
    rows = []
    for row in params["rows"] or []:
        if row:
            cells = [{"cell": cell, "attributes": _cell_attributes(cell), "header": False} for cell in row]
            if truthy(params["firstCellIsHeader"]):
                cells[0]["header"] = True
            rows.append(cells)
    head = [{"cell": cell, "attributes": _cell_attributes(cell)} for cell in params["head"] or []]
    return {"head": head, "rows": rows, "has_head": truthy(params["head"])}


def _cell_attributes(cell: Any) -> str:
    spans = {name: cell[name] for name in ("colspan", "rowspan") if isinstance(cell, Params) and cell[name]}
    return attributes(spans) + attributes(cell["attributes"] if isinstance(cell, Params) else None)


def tabs(params: Params) -> Context:
    items = [
        {"item": item, "id": item["id"] or f"{text(params['idPrefix'])}-{n}", "first": n == 1}
        for n, item in indexed(params["items"])
    ]
    return {"items": items, "title": params.get("title", _("Contents"))}


def task_list(params: Params) -> Context:
    prefix = params["idPrefix"] or "task-list"
    items = []
    for n, item in indexed(params["items"]):
        has_hint = truthy(item["hint"])
        items.append(
            {
                "item": item,
                "hint_id": f"{prefix}-{n}-hint" if has_hint else "",
                "status_id": f"{prefix}-{n}-status",
                "title": item["title"] or Params(),
                "status": item["status"] or Params(),
            }
        )
    return {"items": items}


PREPARATIONS = {
    "accordion": accordion,
    "button": button,
    "details": details,
    "error-message": error_message,
    "error-summary": error_summary,
    "exit-this-page": exit_this_page,
    "notification-banner": notification_banner,
    "panel": panel,
    "phase-banner": phase_banner,
    "summary-list": summary_list,
    "table": table,
    "tabs": tabs,
    "task-list": task_list,
}
