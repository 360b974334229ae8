"""The forms of this room. Each that changes something carries a key, so that sending it twice does it once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from commonweal.core.cases.values import Case
from commonweal.core.identity import accounts
from commonweal.core.portal.fields import own_words, sent_once


def _spoken() -> list[tuple[str, SafeString]]:
    """The node's languages, each named in itself and marked as such."""
    return [(code, format_html('<span lang="{}">{}</span>', code, name)) for code, name in settings.LANGUAGES]


class OneButtonForm(forms.Form):
    """Taking a case or giving it back: the button says which."""

    key = sent_once()


class DecisionForm(forms.Form):
    """The decision and its reason: a ready text with its fields filled in, or free words."""

    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("accepted", _("Accept")), ("rejected", _("Reject"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose accept or reject")},
    )
    text = forms.ChoiceField(label=_("Reason"), required=False, widget=forms.RadioSelect)
    reason = own_words(_("Reason in your own words"), "", _("The person reads exactly these words."), required=False)
    key = sent_once()

    field_order = ("outcome", "text", "reason")

    def __init__(self, *args: Any, case: Case, **more: Any) -> None:
        super().__init__(*args, **more)
        self.case = case
        texts = case.type.texts
        if not texts:
            del self.fields["text"]
            self.fields["reason"].label = _("Reason")
        else:
            self.fields["text"].required = True
            self.fields["text"].error_messages["required"] = _("Choose a reason")
            choices = [(text.name, text.with_blanks()) for text in texts]
            self.fields["text"].choices = [*choices, ("own", _("My own words"))]  # type: ignore[attr-defined]
            for name, label in self._blanks().items():
                self.fields[f"blank_{name}"] = forms.CharField(label=label, required=False, max_length=300)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = self._chosen(given)
        if chosen is None and not given.get("reason", "").strip():
            self.add_error("reason", _("Give the reason for your decision"))
        if chosen and chosen.outcome and given.get("outcome") and chosen.outcome != given["outcome"]:
            self.add_error(
                "text", _("This reason does not fit your decision. Choose another reason or decide otherwise")
            )
        for name in chosen.fields if chosen else ():
            if not given.get(f"blank_{name}", "").strip():
                self.add_error(f"blank_{name}", _("Fill in what the ready text leaves open"))
        return given

    def written_reason(self) -> str:
        """The words that the person reads, in the language that they read."""
        chosen = self._chosen(self.cleaned_data)
        if chosen is None:
            return str(self.cleaned_data["reason"]).strip()
        with override(self.case.language or get_language()):
            ready = str(chosen.words)
        filled = {name: self.cleaned_data[f"blank_{name}"].strip() for name in chosen.fields}
        return "\n".join(part for part in (ready.format(**filled), self.cleaned_data["reason"].strip()) if part)

    def _blanks(self) -> dict[str, Any]:
        return {name: label for text in self.case.type.texts for name, label in text.fields.items()}

    def _chosen(self, given: dict[str, Any]) -> Any:
        return next((text for text in self.case.type.texts if text.name == given.get("text")), None)


class ConfirmForm(forms.Form):
    """The second of four eyes."""

    agree = forms.ChoiceField(
        label=_("Do you agree?"),
        choices=[("yes", _("Yes: the decision takes effect")), ("no", _("No: it goes back to the list"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no")},
    )
    reason = own_words(_("Why not?"), "", _("The person can read these words."), required=False)
    key = sent_once()

    def __init__(self, *args: Any, case: Case, **more: Any) -> None:
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("agree") == "no" and not given.get("reason", "").strip():
            self.add_error("reason", _("Say why you do not agree"))
        return given


class AskForm(forms.Form):
    text = own_words(
        _("What do you need to know?"), _("Write your question"), _("The person reads exactly these words.")
    )
    key = sent_once()


class HandOverForm(forms.Form):
    to = forms.ChoiceField(
        label=_("To whom?"), widget=forms.RadioSelect, error_messages={"required": _("Choose to whom")}
    )
    text = own_words(_("What should they know?"), "", _("The person can read these words."), required=False)
    key = sent_once()

    def __init__(self, *args: Any, case: Case, colleagues: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        names = {agency.code: agency.name(get_language() or "en") for agency in accounts.agencies()}
        offices = [(str(queue), names.get(queue.agency, queue.agency)) for queue in case.type.hand_over_to]
        self.fields["to"].choices = [*colleagues, *offices]  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    text = own_words(_("Your reply"), _("Write your reply"))
    key = sent_once()


class AppealForm(forms.Form):
    text = own_words(
        _("Why is the decision wrong?"),
        _("Write why the decision is wrong"),
        _("Somebody who had no part in the decision reads this and decides again."),
    )
    key = sent_once()


class ChannelForm(forms.Form):
    name = forms.ChoiceField(
        label=_("How shall we tell you that there is a message?"),
        choices=[
            ("inbox", _("Not at all: I look here myself")),
            ("mail", _("By e-mail, to the address of your account")),
            ("sms", _("By text message")),
            ("letter", _("By letter, with the whole message in it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how we shall tell you")},
    )
    address = forms.CharField(
        label=_("Phone number or postal address"),
        help_text=_("For text messages and letters."),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(label=_("Language of messages"), choices=_spoken)
    key = sent_once()
