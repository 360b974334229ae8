"""What the form components' templates need beyond their parameters: ids, descriptions, and which box is ticked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_  # noqa: N812 - gettext's own name for it

from commonweal.core.portal.components.values import (
    Context,
    Params,
    classes,
    content,
    counted_wording,
    ids,
    mentions,
    text,
    truthy,
    wording,
)


def group(params: Params, name: Any, described_by: Any) -> Context:
    """What every form group shares.

    name: the id of the control, on which the ids of hint and error build.
    described_by: an id from the caller that describes the control too.
    """
    hint_id = f"{name}-hint" if truthy(params["hint"]) else ""
    error_id = f"{name}-error" if truthy(params["errorMessage"]) else ""
    return {
        "id": name,
        "hint_id": hint_id,
        "error_id": error_id,
        "described_by": ids(described_by, hint_id, error_id),
        "form_group": params["formGroup"] or Params(),
    }


def single(params: Params) -> Context:
    """A control with one label: select, textarea, file upload."""
    return group(params, params["id"] or params["name"], params["describedBy"])


def optional(value: Any) -> dict[str, Any]:
    return {"value": value, "optional": True}


def input_(params: Params) -> Context:
    context = single(params)
    form_group = context["form_group"]
    parts = {
        "before": content(form_group["beforeInput"]),
        "prefix": params["prefix"] if content(params["prefix"]) else None,
        "suffix": params["suffix"] if content(params["suffix"]) else None,
        "after": content(form_group["afterInput"]),
    }
    spellcheck = params["spellcheck"]
    control = {
        "class": classes("govuk-input", params["classes"], context["error_id"] and "govuk-input--error"),
        "id": context["id"],
        "name": params["name"],
        "type": params["type"] or "text",
        "spellcheck": optional(text(spellcheck) if isinstance(spellcheck, bool) else None),
        "value": optional(params.get("value")),
        "disabled": optional(params.get("disabled")),
        "aria-describedby": optional(context["described_by"] or None),
        **{
            name: optional(params.get(name)) for name in ("autocomplete", "autocapitalize", "pattern", "inputmode")
        },
    }
    return {**context, **parts, "wrapped": any(parts.values()), "control": control}


def textarea(params: Params) -> Context:
    spellcheck = params["spellcheck"]
    return {
        **single(params),
        "rows": params["rows"] or 5,
        "spellcheck": text(spellcheck) if isinstance(spellcheck, bool) else "",
    }


def file_upload(params: Params) -> Context:
    phrases = {
        **wording("choose-files-button", params["chooseFilesButtonText"], "Choose file"),
        **wording("no-file-chosen", params["noFileChosenText"], "No file chosen"),
        **counted_wording(
            "multiple-files-chosen",
            params["multipleFilesChosenText"],
            "%(count)s file chosen",
            "%(count)s files chosen",
        ),
        **wording("drop-instruction", params["dropInstructionText"], "or drop file"),
        **wording("entered-drop-zone", params["enteredDropZoneText"], "Entered drop zone"),
        **wording("left-drop-zone", params["leftDropZoneText"], "Left drop zone"),
    }
    return {**single(params), "phrases": phrases}


def password_input(params: Params) -> Context:
    name = params["id"] or params["name"]
    form_group = params["formGroup"] or Params()
    phrases = {
        **wording("show-password", params["showPasswordText"], "Show"),
        **wording("hide-password", params["hidePasswordText"], "Hide"),
        **wording("show-password-aria-label", params["showPasswordAriaLabelText"], "Show password"),
        **wording("hide-password-aria-label", params["hidePasswordAriaLabelText"], "Hide password"),
        **wording("password-shown-announcement", params["passwordShownAnnouncementText"], "Your password is visible"),
        **wording("password-hidden-announcement", params["passwordHiddenAnnouncementText"], "Your password is hidden"),
    }
    ours = Params(
        params,
        id=name,
        type="password",
        spellcheck=False,
        autocapitalize="none",
        autocomplete=params["autocomplete"] or "current-password",
        classes=classes("govuk-password-input__input govuk-js-password-input-input", params["classes"]),
        inputWrapper=Params(classes="govuk-password-input__wrapper"),
        formGroup=_extended(
            form_group, "govuk-password-input", {"data-module": "govuk-password-input", **phrases}
        ),
    )
    button = params["button"] or Params()
    return {
        **input_(ours),
        "params": ours,
        "wrapped": True,
        "button_classes": classes(
            "govuk-button--secondary govuk-password-input__toggle govuk-js-password-input-toggle", button["classes"]
        ),
        "button_text": params.get("showPasswordText", _("Show")),
        "button_attributes": {
            "aria-controls": name,
            "aria-label": params.get("showPasswordAriaLabelText", _("Show password")),
            "hidden": optional(True),
        },
    }


def character_count(params: Params) -> Context:
    name = params["id"] or params["name"]
    limit = params["maxwords"] or params["maxlength"]
    counts = params["countType"] or ("words" if params["maxwords"] else None)
    own_description = params["textareaDescriptionText"]
    description = own_description or (
        _("You can enter up to %{count} words") if counts == "words" else _("You can enter up to %{count} characters")
    )
    settings = {
        "data-module": "govuk-character-count",
        "data-maxlength": optional(params.get("maxlength")),
        "data-maxwords": optional(params.get("maxwords")),
        "data-threshold": optional(params.get("threshold")),
        "data-count-type": optional(counts),
        **(wording("textarea-description", {"other": own_description}) if own_description and not limit else {}),
        **_count_phrases(params),
    }
    ours = Params(
        params,
        id=name,
        describedBy=f"{name}-info",
        classes=classes("govuk-js-character-count", params["classes"]),
        formGroup=_extended(params["formGroup"] or Params(), "govuk-character-count", settings),
    )
    message = params["countMessage"] or Params()
    return {
        **textarea(ours),
        "params": ours,
        "info_id": f"{name}-info",
        "message": str(description).replace("%{count}", text(limit)) if limit else "",
        "message_classes": classes("govuk-character-count__message", message["classes"]),
    }


def _count_phrases(params: Params) -> dict[str, Any]:
    return {
        **counted_wording(
            "characters-under-limit",
            params["charactersUnderLimitText"],
            "You have %(count)s character remaining",
            "You have %(count)s characters remaining",
        ),
        **wording(
            "characters-at-limit", params["charactersAtLimitText"], N_("You have 0 characters remaining")
        ),
        **counted_wording(
            "characters-over-limit",
            params["charactersOverLimitText"],
            "You have %(count)s character too many",
            "You have %(count)s characters too many",
        ),
        **counted_wording(
            "words-under-limit",
            params["wordsUnderLimitText"],
            "You have %(count)s word remaining",
            "You have %(count)s words remaining",
        ),
        **wording("words-at-limit", params["wordsAtLimitText"], N_("You have 0 words remaining")),
        **counted_wording(
            "words-over-limit",
            params["wordsOverLimitText"],
            "You have %(count)s word too many",
            "You have %(count)s words too many",
        ),
    }


def _extended(form_group: Params, name: str, settings: dict[str, Any]) -> Params:
    """A form group with a component's own class and settings put before those of the caller."""
    return Params(
        form_group,
        classes=classes(name, form_group["classes"]),
        attributes={**settings, **(form_group["attributes"] or {})},
    )


def radios(params: Params) -> Context:
    return _options("radios", params, chosen=[params["value"]] if truthy(params["value"]) else [])


def checkboxes(params: Params) -> Context:
    context = _options("checkboxes", params, chosen=params["values"] or [], described_by=params["describedBy"])
    if not context["in_fieldset"]:
        for option in context["options"]:
            option["described_by"] = ids(context["described_by"], option["hint_id"])
    return context


def _options(kind: str, params: Params, chosen: Any, described_by: Any = "") -> Context:
    prefix = params["idPrefix"] or params["name"]
    fieldset = params["fieldset"]
    context = group(params, prefix, (fieldset["describedBy"] if fieldset else "") or described_by)
    options = [
        _option(kind, params, item, f"{prefix}-{position}" if position > 1 else prefix, chosen)
        for position, item in enumerate(params["items"] or [], start=1)
        if item
    ]
    return {**context, "options": options, "in_fieldset": truthy(fieldset), "fieldset": fieldset or Params()}


def _option(kind: str, params: Params, item: Params, default_id: Any, chosen: Any) -> Context:
    option_id = item["id"] or default_id
    hint_id = f"{option_id}-item-hint" if content(item["hint"]) else ""
    conditional = item["conditional"]["html"] if item["conditional"] else ""
    is_chosen = item.get("checked") is not False and item.get("value") in chosen
    return {
        "item": item,
        "id": option_id,
        "name": item["name"] or params["name"],
        "value": text(item["value"]),
        "checked": bool(item["checked"]) or is_chosen,
        "label": item["label"] or Params(),
        "hint": item["hint"],
        "hint_id": hint_id,
        "hint_classes": classes(f"govuk-{kind}__hint", item["hint"]["classes"] if item["hint"] else ""),
        "label_classes": classes(f"govuk-{kind}__label", item["label"]["classes"] if item["label"] else ""),
        "described_by": hint_id,
        "conditional": conditional,
        "conditional_id": f"conditional-{option_id}" if conditional else "",
    }


def select(params: Params) -> Context:
    choices = []
    for item in params["items"] or []:
        if item:
            value = item.get("value", item["text"])
            chosen = truthy(params["value"]) and value == params["value"] and item.get("selected") is not False
            choice = {"item": item, "has_value": "value" in item, "value": text(item["value"])}
            choices.append({**choice, "selected": bool(item["selected"]) or chosen})
    return {**single(params), "choices": choices}


_DATE_PARTS = (("day", "2"), ("month", "2"), ("year", "4"))


def date_input(params: Params) -> Context:
    fieldset = params["fieldset"]
    context = group(params, params["id"], fieldset["describedBy"] if fieldset else "")
    values = params["values"] or {}
    parts = {
        part: params.get(part, Params(name=part, value=values.get(part), classes=f"govuk-input--width-{width}"))
        or Params()
        for part, width in _DATE_PARTS
    }
    items = [item for item in (params["items"] or parts.values()) if item]
    has_own_errors = any(_has_error(item) for item in items)
    all_wrong = bool(context["error_id"]) and not has_own_errors
    return {
        **context,
        "in_fieldset": truthy(fieldset),
        "fieldset": fieldset or Params(),
        "parts": [_date_part(params, item, parts, values, all_wrong) for item in items],
    }


def _has_error(item: Params) -> bool:
    return truthy(item["error"]) or mentions(item["classes"], "govuk-input--error")


def _date_part(params: Params, item: Params, parts: dict[str, Params], values: Any, all_wrong: bool) -> Context:
    name, value, width = item.get("name"), item.get("value"), "2"
    for part, part_width in _DATE_PARTS:
        if item is parts[part] or (name and name in (part, parts[part].get("name"))):
            name = name if name is not None else part
            value = value if value is not None else parts[part].get("value")
            width = part_width
            break
    error = _has_error(item) or (item.get("error") is not False and all_wrong)
    prefix = f"{params['namePrefix']}-" if params["namePrefix"] else ""
    own = item["classes"]
    inputs = {
        "type": "text",
        "autocomplete": item.get("autocomplete"),
        "pattern": item.get("pattern"),
        "attributes": item["attributes"],
        "id": item["id"] or f"{params['id']}-{text(name)}",
        "name": f"{prefix}{text(name)}",
        "value": value if value is not None else values.get(f"{prefix}{text(name)}"),
        "classes": classes(
            "govuk-date-input__input",
            error and not mentions(own, "govuk-input--error") and "govuk-input--error",
            not mentions(own, "govuk-input--width-") and f"govuk-input--width-{width}",
            own,
        ),
        "inputmode": item["inputmode"] or "numeric",
        "label": {"text": item["label"] or _date_part_label(text(name)), "classes": "govuk-date-input__label"},
    }
    return {"input": inputs}


def _date_part_label(name: str) -> str:
    return {"day": _("Day"), "month": _("Month"), "year": _("Year")}.get(name, name.capitalize())


PREPARATIONS = {
    "character-count": character_count,
    "checkboxes": checkboxes,
    "date-input": date_input,
    "file-upload": file_upload,
    "input": input_,
    "password-input": password_input,
    "radios": radios,
    "select": select,
    "textarea": textarea,
}
