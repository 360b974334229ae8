"""What every HTTP API of the node shares: RFC 9457 problems that name the field and the remedy, and stated purposes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from commonweal.core.identity.actors import Actor
from commonweal.core.policy.actions import Purpose, declared_purposes, purpose_named
from commonweal.core.portal.refusals import not_found, problem, refused_page
from commonweal.core.refused import Refused


class BadField(ValueError):
    """One field of a request is wrong: which, and what to do."""

    def __init__(self, field: str, says: str, remedy: str, status: int = 400) -> None:
        super().__init__(says)
        self.field, self.remedy, self.status = field, remedy, status


def machine_api(name: str, title: str, description: str) -> NinjaAPI:
    """An API for machines, with the node's way of saying no."""
    api = NinjaAPI(
        title=title,
        version="1",
        description=description,
        urls_namespace=f"{name}-api",
        docs_url=None,
        openapi_url="openapi.json",
    )
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(BadField, _bad_field)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(Http404, _missing)
    return api


def actor(request: HttpRequest) -> Actor:
    """Who calls, as the guard found out."""
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def stated(purpose: str) -> Purpose:
    """The purpose that the caller states. Raises BadField."""
    found = purpose_named(purpose)
    if found is None:
        names = ", ".join(known.name for known in declared_purposes())
        raise BadField("purpose", f"There is no purpose {purpose[:80]!r}.", f"State one of: {names}")
    return found


def _refused(request: HttpRequest, error: Refused | type[Refused]) -> HttpResponse:
    assert isinstance(error, Refused)  # noqa: S101 - ninja's signature names the class too
    return refused_page(request, error)


def _bad_field(request: HttpRequest, error: BadField | type[BadField]) -> HttpResponse:
    assert isinstance(error, BadField)  # noqa: S101
    return problem(error.status, "Bad request", str(error), field=error.field, remedy=error.remedy)


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    assert isinstance(error, ValidationError)  # noqa: S101
    first = error.errors[0]
    field = str(first["loc"][-1])
    return problem(422, "A field is wrong", f"{field}: {first['msg']}", field=field, remedy="See openapi.json")


def _unreadable(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)  # noqa: S101
    return problem(error.status_code, "Bad request", "The request cannot be read.", remedy="See openapi.json")


def _missing(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    return not_found(request)
