"""What people fill in."""
from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
    SignupWebAuthnForm,
    _BaseAddWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commonweal.core.identity import service
from commonweal.core.identity.flows import passkeys


class PasskeyAnswer(forms.JSONField):
    """What the browser says that the authenticator answered; anything but readable JSON is refused."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError, ValidationError) as error:  # endless digits, endless brackets, no JSON
            auth.clear_state()
            passkeys.log_refusal("malformed")
            raise get_adapter().validation_error("incorrect_code") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """An answer serves once, so it is never shown again."""
        return initial


class StrictPasskey(forms.Form):
    """Checks a passkey's answer before and after allauth does; every refusal is logged and becomes evidence."""

    credential = PasskeyAnswer(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        reason = "wrong signature or unknown passkey"
        try:
            self.cleaned_data["credential"], answer = passkeys.examine_assertion(context.request, credential)
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
            passkeys.advance_counter(authenticator, answer.counter)
        except (passkeys.PasskeyRefused, ValidationError, *passkeys.MALFORMED) as refusal:
            if isinstance(refusal, passkeys.PasskeyRefused):
                reason = str(refusal)
            passkeys.log_refusal(reason)
            if account := passkeys.claimed_account(credential):
                service.record_failed_sign_in(account, f"passkey: {reason}")
            raise get_adapter().validation_error("incorrect_code") from refusal
        finally:
            auth.clear_state()
        return authenticator


class SignInPasskey(StrictPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    """Signing in with a passkey alone."""


class SecondStepPasskey(StrictPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after a code by mail."""


class ConfirmPasskey(StrictPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey to prove presence before something sensitive."""


class StrictNewPasskey(forms.Form):
    """Checks a new passkey before allauth stores it."""

    credential = PasskeyAnswer(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]
        try:
            return passkeys.examine_registration(context.request, credential)
        except passkeys.PasskeyRefused as refusal:
            auth.clear_state()
            passkeys.log_refusal(f"registration: {refusal}")
            raise get_adapter().validation_error("incorrect_code") from refusal

    def clean(self) -> dict[str, Any]:
        if "credential" not in self.cleaned_data:
            return self.cleaned_data
        try:
            return super().clean() or {}
        except passkeys.MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error
        finally:
            auth.clear_state()


class SignUpPasskey(StrictNewPasskey, SignupWebAuthnForm):  # type: ignore[misc]
    """The first passkey of a new account, or the new one of a recovered account."""

    field_order = ("name", "credential")


class AddPasskey(StrictNewPasskey, _BaseAddWebAuthnForm):  # type: ignore[misc]
    """One more passkey; always one that can sign in by itself."""


class ActivationCodeForm(forms.Form):
    """The code from the letter or the office."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Ten letters and numbers, for example 7K2QF-0ZP4M"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class MailCodeForm(forms.Form):
    """The code that came by mail."""

    code = forms.CharField(label=_("Code"), widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))


class RecoveryForm(forms.Form):
    """Where the mail about recovery goes."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class IssueCodeForm(forms.Form):
    """Whom an officer issues a code for."""

    scheme = forms.ChoiceField(label=_("Kind of number"))
    value = forms.CharField(label=_("Number"), max_length=100)
    in_person = forms.BooleanField(
        label=_("I checked this person's identity face to face"),
        help_text=_("Such a code can also replace an account whose devices are lost."),
        required=False,
    )

    def __init__(self, *args: Any, schemes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scheme"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(scheme, scheme) for scheme in schemes]


class AppointForm(forms.Form):
    """Whom an administrator appoints to what."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.SlugField(label=_("Role"), max_length=40, help_text=_("For example registrar, tax-officer or auditor"))


class MachineForm(forms.Form):
    """A machine that shall act for the agency."""

    name = forms.CharField(label=_("Name"), max_length=100)
    role = forms.SlugField(label=_("Role"), max_length=40, help_text=_("For example case-system or sensor-writer"))


def too_often() -> ValidationError:
    """The error of a form that was sent too often."""
    error: ValidationError = get_account_adapter().validation_error("too_many_login_attempts")
    return error
