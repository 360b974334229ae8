"""The public pages of algorithms in use, and the same as JSON."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.core.algorithms import published
from commonweal.core.algorithms.declared import UnknownAlgorithm, algorithm_named, algorithms
from commonweal.core.algorithms.values import Algorithm
from commonweal.core.identity import accounts
from commonweal.core.policy.actions import Words
from commonweal.core.portal.guards import open_to_all

PHASES = {
    "development": lambda: _("being made"),
    "pilot": lambda: _("on trial"),
    "production": lambda: _("in use"),
    "retired": lambda: _("no longer in use"),
}


@open_to_all
def listed(request: HttpRequest) -> HttpResponse:
    """Every algorithm in use, for everyone to read."""
    found = [{"algorithm": one, "phase": PHASES[one.phase](), "owner": _agency(one)} for one in algorithms()]
    return render(request, "algorithms/list.html", {"found": found})


@open_to_all
def record(request: HttpRequest, name: str) -> HttpResponse:
    """One algorithm's whole record."""
    one = _named(name)
    return render(
        request,
        "algorithms/record.html",
        {
            "algorithm": one,
            "sections": _sections(one),
            "quality": [
                [str(line.group), str(line.measure), f"{line.value:.0%}", f"{line.cases:,}"] for line in one.quality
            ],
            "history": published.history(one),
        },
    )


@open_to_all
def as_json(request: HttpRequest) -> JsonResponse:
    """All records as JSON, in the reader's language, with the hash of each published version."""
    return JsonResponse(
        {
            "standard": "UK Algorithmic Transparency Recording Standard 2.1",
            "algorithms": [
                published.document(one, getattr(request, "LANGUAGE_CODE", "en"))
                | {"published": [{"version": found.version, "sha256": found.hash} for found in published.history(one)]}
                for one in algorithms()
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _named(name: str) -> Algorithm:
    try:
        return algorithm_named(name)
    except UnknownAlgorithm:
        raise Http404 from None


def _agency(algorithm: Algorithm) -> str:
    try:
        return accounts.agency(algorithm.owner).name(get_language() or "en")
    except accounts.UnknownAgency:
        return algorithm.owner


def _sections(one: Algorithm) -> list[tuple[str, list[tuple[str, Words]]]]:
    """The record as headed lists of lines; lines without words are left out."""
    sections: list[tuple[str, list[tuple[str, Words]]]] = [
        (
            _("Who answers for it"),
            [
                (_("Office"), _agency(one)),
                (_("Responsible person"), one.responsible),
                (_("Contact"), one.contact),
                (_("Supplier"), one.supplier),
            ],
        ),
        (
            _("What it is for"),
            [
                (_("What it is used for, and what not"), one.scope),
                (_("What it is good for"), one.benefit),
                (_("How it was done before"), one.before),
                (_("What else was considered"), one.alternatives),
            ],
        ),
        (
            _("How a person decides"),
            [
                (_("Where it comes in"), one.place),
                (_("What it tells the officer"), one.gives),
                (_("How often it is used"), one.scale),
                (_("What the officer does"), one.oversight),
                (_("What officers learn first"), one.training),
                (_("How to disagree"), one.appeals),
            ],
        ),
        (
            _("How it works"),
            [
                (_("Method"), one.method),
                (_("Model"), one.model),
                (_("State"), PHASES[one.phase]()),
                (_("Version"), one.version),
                (_("Its effect on people was examined"), one.impact),
            ],
        ),
    ]
    return [(heading, [(label, words) for label, words in lines if words]) for heading, lines in sections]
