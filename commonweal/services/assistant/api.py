"""Guidance as a content management system publishes it: put and withdraw pages of the token's agency, read all of them.

For machines; changes need the role `guidance-editor`. A page belongs to the agency that first put it there.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Schema, Status
from pydantic import BeforeValidator

from commonweal.core.portal.api import BadField, actor, machine_api
from commonweal.core.portal.guards import guarded_api
from commonweal.core.portal.refusals import problem
from commonweal.services.assistant import service
from commonweal.services.assistant.guidance import BadPage, NoPage
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import NewPage, PageVersion

api = machine_api("assistant", "Guidance", __doc__ or "")

LINE = r"^[^\x00-\x1f\x7f]*$"
WORDS = r"^[^\x00-\x1f\x7f]*[\p{L}\p{N}][^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00]*[\p{L}\p{N}][^\x00]*$"
LANGUAGE, SLUG, HASH = r"^[a-z]{2,3}$", r"^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", r"^[0-9a-f]{64}$"
PLACE = r"^([a-z]{2,3}/[A-Za-z0-9_-]+)?$"
ADDRESS = r"^(https?://[^\s\x00-\x1f\x7f]+)?$"
LONGEST_SOURCE = 1_000_000
REMEDY = "Mend this field and send the page again"

Language = Annotated[str, Path(pattern=LANGUAGE, description="As ISO 639 has it: en")]
Slug = Annotated[str, Path(pattern=SLUG, max_length=120, description="The page's name, the same in every language")]
Hash = Annotated[str, Path(pattern=HASH, description="The version, by the SHA-256 of its readable text")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
After = Annotated[str, Query(pattern=PLACE, max_length=130, description="The last LANGUAGE/SLUG of the list before")]


def _written(value: object) -> object:
    """Pydantic would read 0 and a time of the day as a date; JSON Schema does not."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        raise ValueError("write a day like 2027-03-01")
    return value


class PageIn(Schema):
    title: str = Field(pattern=WORDS, max_length=200)
    source: str = Field(pattern=TEXT, max_length=LONGEST_SOURCE, description="The page itself, with words in it")
    format: Literal["markdown", "html"] = "markdown"
    topic: str = Field(pattern=WORDS, max_length=60, description="The subject area, which evidence names")
    description: str = Field("", pattern=LINE, max_length=500)
    address: str = Field("", pattern=ADDRESS, max_length=300, description="Where the page is on the town's own site")
    flow: str = Field("", pattern=LINE, max_length=60, description="The decision flow that its answer depends on")
    review: Annotated[date | None, BeforeValidator(_written)] = Field(
        None, description="When its owner looks at it again"
    )


class VersionOut(Schema):
    language: str
    slug: str
    hash: str
    title: str
    description: str
    owner: str
    topic: str
    address: str
    flow: str
    review: date | None
    since: datetime
    until: datetime | None = Field(description="When another version took its place; null for the current one")


class PageOut(VersionOut):
    format: Literal["markdown", "html"]
    source: str


@api.get("guidance", response=list[VersionOut], summary="The current pages, by language and name")
def pages(request: HttpRequest, after: After = "", limit: Limit = 100) -> list[PageVersion]:
    return service.pages_after(after, limit)


@api.get("guidance/{language}/{slug}", response=PageOut, summary="The current version of a page")
def page(request: HttpRequest, language: Language, slug: Slug) -> PageVersion:
    return service.page(slug, language)


@api.put(
    "guidance/{language}/{slug}", response={200: PageOut, 201: PageOut},
    summary="Publish a page; the same once more changes nothing",
)  # fmt: skip
def put(request: HttpRequest, language: Language, slug: Slug, wanted: PageIn) -> Status[PageVersion]:
    caller = actor(request)
    found, is_new = publishing.put(caller, NewPage(slug=slug, language=language, owner=caller.agency, **wanted.dict()))
    return Status(201 if is_new else 200, found)


@api.delete(
    "guidance/{language}/{slug}", response={204: None}, summary="Withdraw a page; its versions stay for old answers"
)
def withdraw(request: HttpRequest, language: Language, slug: Slug) -> HttpResponse:
    publishing.withdraw(actor(request), slug, language)
    return HttpResponse(status=204)


@api.get("guidance/{language}/{slug}/versions", response=list[VersionOut], summary="Every version, newest first")
def versions(request: HttpRequest, language: Language, slug: Slug) -> list[PageVersion]:
    found = service.versions(slug, language)
    if not found:
        raise _unknown()
    return found


@api.get("guidance/{language}/{slug}/versions/{hash}", response=PageOut, summary="One version, as old answers cite it")
def version(request: HttpRequest, language: Language, slug: Slug, hash: Hash) -> PageVersion:
    return service.page(slug, language, hash)


def _unknown() -> BadField:
    return BadField("slug", "There is no such page.", "Use a language and a slug of the list", 404)


def _no_page(request: HttpRequest, error: NoPage | type[NoPage]) -> HttpResponse:
    unknown = _unknown()
    return problem(unknown.status, "No such page", str(unknown), field=unknown.field, remedy=unknown.remedy)


def _bad_page(request: HttpRequest, error: BadPage | type[BadPage]) -> HttpResponse:
    assert isinstance(error, BadPage)  # noqa: S101 - ninja's signature names the class too
    return problem(422, "The page cannot be published", str(error), field=error.field, remedy=REMEDY)


api.add_exception_handler(NoPage, _no_page)
api.add_exception_handler(BadPage, _bad_page)
urlpatterns = guarded_api(api)
