"""Fields that many rooms' forms have: what somebody writes in their own words, and the key that makes sending safe."""

from __future__ import annotations

from typing import Any

from django import forms

LONGEST = 2_000  # characters


def own_words(label: Any, missing: Any, hint: Any = "", *, rows: int = 4, required: bool = True) -> forms.CharField:
    """A field for what somebody asks, answers or explains; `missing` is said when it is empty."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def sent_once() -> forms.CharField:
    """The key of a form, by which it is known again when it is sent twice."""
    return forms.CharField(widget=forms.HiddenInput, max_length=64)
