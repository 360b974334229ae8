"""What every HTTP API of the node shares: RFC 9457 problems that name the field and the remedy, and stated purposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from commonweal.core.identity.actors import Actor
from commonweal.core.policy.actions import Purpose, declared_purposes, purpose_named
from commonweal.core.portal.refusals import not_found, problem, refused_page
from commonweal.core.refused import Refused

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "Which field is wrong"},
        "remedy": {"type": "string", "description": "What to do"},
    },
}


class BadField(ValueError):
    """One field of a request is wrong: which, and what to do."""

    def __init__(self, field: str, says: str, remedy: str, status: int = 400) -> None:
        super().__init__(says)
        self.field, self.remedy, self.status = field, remedy, status


class NotHere(PermissionError):
    """Nobody does this by this API: why, and how it is done instead."""

    def __init__(self, says: str, remedy: str) -> None:
        super().__init__(says)
        self.remedy = remedy


class MachineAPI(NinjaAPI):
    """Describes also what every operation has: a token, and problems for every no."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """The OpenAPI description."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        found["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
        refused = {
            "description": "What is wrong, and what to do (RFC 9457)",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for path in found["paths"].values():
            for operation in path.values():
                operation["responses"]["4XX"] = refused
        return found


@dataclass(frozen=True)
class OneOf:
    """Marks a text of which the description lists the values: those there are when it is asked for."""

    values: Callable[[], list[str]]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"enum": self.values()}


def _number(value: Any) -> Any:
    """Pydantic would read `true` as 1 and "1" as 1; JSON Schema does not."""
    if isinstance(value, bool | str):
        raise ValueError("write a number")
    return value


Whole = Annotated[int, BeforeValidator(_number)]
"""A whole number in a body, as JSON Schema's `integer`."""


def purpose_names() -> list[str]:
    """The purposes that can be stated."""
    return [known.name for known in declared_purposes()]


def machine_api(name: str, title: str, description: str) -> NinjaAPI:
    """An API for machines, with the node's way of saying no."""
    api = MachineAPI(
        title=title,
        version="1",
        description=description,
        urls_namespace=f"{name}-api",
        docs_url=None,
        openapi_url="openapi.json",
    )
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(BadField, _bad_field)
    api.add_exception_handler(NotHere, _not_here)
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
        names = ", ".join(purpose_names())
        raise BadField("purpose", f"There is no purpose {purpose[:80]!r}.", f"State one of: {names}")
    return found


def _refused(request: HttpRequest, error: Refused | type[Refused]) -> HttpResponse:
    assert isinstance(error, Refused)  # noqa: S101 - ninja's signature names the class too
    return refused_page(request, error)


def _bad_field(request: HttpRequest, error: BadField | type[BadField]) -> HttpResponse:
    assert isinstance(error, BadField)  # noqa: S101
    return problem(error.status, "Bad request", str(error), field=error.field, remedy=error.remedy)


def _not_here(request: HttpRequest, error: NotHere | type[NotHere]) -> HttpResponse:
    assert isinstance(error, NotHere)  # noqa: S101
    return problem(403, "Not by this API", str(error), remedy=error.remedy)


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
