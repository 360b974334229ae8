"""The room's forms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import sent_once
from commonweal.core.portal.forms import DateField
from commonweal.services.voting import rolls
from commonweal.services.voting.engine.election import AnyQuestion, Question, RankedQuestion
from commonweal.services.voting.values import DRAWN, LEAVING, LISTED, RollLine

SUM = "sum"
METHODS = {
    SUM: _("Add up the votes; single ballots are never opened"),
    "STV": _("Ranks: single transferable vote"),
    "Schulze": _("Ranks: Schulze’s method"),
    "MajorityJudgment": _("Grades: majority judgment"),
    "EqualShares": _("Budget: Method of Equal Shares"),
}


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__()
        self.attrs.pop("multiple", None)  # the portal's component writes it


class JsonFiles(forms.FileField):
    """One or more JSON files; cleans to what they hold."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Raises ValidationError for no file or one that is no JSON."""
        files = data if isinstance(data, list | tuple) else [data]
        return [_json(super(JsonFiles, self).clean(file, initial)) for file in files or [None]]


class QuestionForm(forms.Form):
    """One question of a draft."""

    question = forms.CharField(label=_("Question"), max_length=300)
    answers = forms.CharField(
        label=_("Answers"),
        help_text=_("One on each line. For a budget write the cost after a bar: Playground | 12000"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    method = forms.ChoiceField(label=_("How it is counted"), choices=list(METHODS.items()), widget=forms.RadioSelect)
    most = forms.IntegerField(
        label=_("Number"),
        help_text=_("How many answers may be chosen; how many seats; or the whole budget."),
        min_value=1,
        initial=1,
    )
    grades = forms.CharField(
        label=_("Grades, for majority judgment"), help_text=_("The best first, with commas between."), required=False,
        max_length=300,
    )  # fmt: skip
    blank = forms.BooleanField(label=_("Offer a blank vote"), required=False)
    drawn = forms.BooleanField(label=_("Draw the order of the answers for each voter"), required=False)

    def clean_answers(self) -> list[str]:
        """The lines."""
        lines = [line.strip() for line in self.cleaned_data["answers"].splitlines() if line.strip()]
        if not lines:
            raise ValidationError(_("Write at least one answer."))
        return lines

    def clean(self) -> dict[str, Any]:
        """Grades and costs where the method needs them."""
        given = super().clean() or self.cleaned_data
        if given.get("method") == "MajorityJudgment" and len(self._grades()) < 2:
            self.add_error("grades", _("Write at least two grades."))
        if given.get("method") == "EqualShares" and "answers" in given and None in self._costs():
            self.add_error("answers", _("Write a cost after each answer, a whole number above 0."))
        return given

    def asked(self) -> tuple[AnyQuestion, str]:
        """The question and the order rule of a valid form."""
        given = self.cleaned_data
        method, answers, order = given["method"], tuple(given["answers"]), DRAWN if given["drawn"] else LISTED
        if method == SUM:
            return Question(given["question"], answers, 1, given["most"], given["blank"] or None), order
        value: dict[str, Any] = {}
        if method == "STV":
            value = {"seats": given["most"]}
        elif method == "MajorityJudgment":
            value = {"grades": self._grades()}
        elif method == "EqualShares":
            value = {"budget": given["most"], "costs": self._costs()}
            answers = tuple(answer.rpartition("|")[0].strip() for answer in answers)
        return RankedQuestion(given["question"], answers, {"type": method, "value": value}), order

    def _grades(self) -> list[str]:
        return [grade.strip() for grade in self.cleaned_data.get("grades", "").split(",") if grade.strip()]

    def _costs(self) -> list[int | None]:
        costs = [line.rpartition("|")[2].strip() for line in self.cleaned_data["answers"]]
        return [int(cost) if cost.isascii() and cost.isdigit() and int(cost) > 0 else None for cost in costs]


class DraftForm(QuestionForm):
    """A new election with its first question."""

    name = forms.CharField(label=_("Name of the election"), max_length=200)
    description = forms.CharField(
        label=_("What it is about"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    opens = DateField(label=_("It opens at the beginning of"))
    closes = DateField(label=_("It closes at the end of"))
    box = forms.URLField(
        label=_("Web address of the ballot server"),
        help_text=_("Its own host, without a path, like vote.town.example"),
        assume_scheme="https",
    )
    key = sent_once()
    field_order = ("name", "description", "opens", "closes", "box")


class RollForm(forms.Form):
    """Who may vote."""

    roll = forms.FileField(
        label=_("The roll"),
        help_text=_(
            "CSV with the columns identifier, name, delivery (the postal address) and, where some votes count more "
            "often than others, weight."
        ),
    )

    def clean_roll(self) -> list[RollLine]:
        """The people in it."""
        text = _text(self.cleaned_data["roll"])
        try:
            return rolls.read(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class LeaveForm(forms.Form):
    """Who leaves the roll, and why."""

    number = forms.CharField(
        label=_("The person’s number in the register"),
        help_text=_(
            "Before the freeze the person gets no code. Afterwards they get no pass any more; one drawn before stays "
            "good."
        ),
        max_length=100,
    )
    reason = forms.ChoiceField(
        label=_("Why they leave the roll. They read this."), choices=list(LEAVING.items()), widget=forms.RadioSelect
    )


class FreezeForm(forms.Form):
    """What the trustees, the ballot server and the credential authority handed over."""

    credentials = forms.FileField(label=_("The credential authority’s public file"))
    trustees = JsonFiles(
        label=_("The public files of the trustees and of the ballot server"),
        help_text=_("All files of all trustees together, and the one with the key of the ballot server’s receipts."),
    )
    sure = forms.BooleanField(label=_("I have checked everything. Nothing of it can be changed afterwards."))

    def clean_credentials(self) -> Any:
        """What the file holds."""
        return _json(self.cleaned_data["credentials"])


class HelpForm(forms.Form):
    """Who came for help with voting."""

    election = forms.ChoiceField(label=_("Election"))
    number = forms.CharField(label=_("The person’s number in the register"), max_length=100)

    def __init__(self, *args: Any, elections: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["election"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = elections


class TrackerForm(forms.Form):
    """Which ballot an observer or voter looks for."""

    tracker = forms.CharField(label=_("Tracker of a ballot"), max_length=60)


def day_begins(day: Any) -> datetime:
    """Midnight at the beginning of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _text(file: UploadedFile[bytes]) -> str:
    try:
        content: bytes = file.read()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("The file is not text in UTF-8.")) from None


def _json(file: UploadedFile[bytes]) -> Any:
    try:
        return json.loads(_text(file))
    except ValueError:
        raise ValidationError(_("%(name)s is not a file of this kind.") % {"name": file.name}) from None
