"""The store of decision flows: every version kept and addressable by the hash of its file, like pages of guidance."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.services.assistant import guidance, models
from commonweal.services.assistant.engine.flows import BadFlow, Flow, parse
from commonweal.services.assistant.engine.passages import passages_of
from commonweal.services.assistant.guidance import BadPage, NoPage
from commonweal.services.assistant.values import Citation, FlowVersion, NewFlow, Published


class NoFlow(LookupError):
    """There is no such decision flow, or no such version of it."""


def store(flows: Iterable[NewFlow]) -> Published:
    """Note what is new or changed, inside the caller's act. Raises BadPage for a flow that cannot be used."""
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for new in flows:
        flow = _usable(new)
        current = models.FlowVersion.objects.filter(name=new.name, language=new.language, until=None).first()
        if current and current.hash == flow.version:
            unchanged.append(new.name)
            continue
        now = clock.now()
        if current:
            models.FlowVersion.objects.filter(pk=current.pk).update(until=now)
        models.FlowVersion.objects.create(
            name=new.name, language=new.language, hash=flow.version, source=new.source, since=now
        )
        (changed if current else added).append(new.name)
    return Published(tuple(added), tuple(changed), tuple(unchanged))


def version(name: str, language: str, hash_: str = "") -> FlowVersion:
    """A flow's current version in a language, or the one with this hash. Raises NoFlow."""
    rows = models.FlowVersion.objects.filter(name=name, language=language)
    row = rows.filter(hash=hash_).order_by("-number").first() if hash_ else rows.filter(until=None).first()
    if row is None:
        raise NoFlow(_("There is no such list of questions"))
    return _value(row)


def by_hash(hash_: str) -> FlowVersion:
    """The version that a conversation runs. Raises NoFlow."""
    row = models.FlowVersion.objects.filter(hash=hash_).order_by("-number").first()
    if row is None:
        raise NoFlow(_("There is no such list of questions"))
    return _value(row)


def current(language: str) -> list[FlowVersion]:
    """The flows of a language, by title."""
    rows = models.FlowVersion.objects.filter(language=language, until=None)
    return sorted((_value(row) for row in rows), key=lambda one: one.flow.title)


def offered_by(citation: Citation) -> FlowVersion | None:
    """The flow that the cited page names, if there is one in the page's language."""
    name = guidance.version(citation.slug, citation.language, citation.hash).flow
    try:
        return version(name, citation.language) if name else None
    except NoFlow:
        return None


def stands_on(flow: Flow, citation: Citation) -> bool:
    """Whether an outcome of the flow follows from the cited section: then the answer depends on circumstances."""
    return f"{citation.slug}#{citation.anchor}" in {outcome.source for outcome in flow.outcomes.values()}


def cite(source: str, language: str) -> tuple[Citation, ...]:
    """The section (`PAGE#ANCHOR`) from which an outcome follows, verbatim; nothing if the page was withdrawn."""
    slug, _hash, anchor = source.partition("#")
    try:
        page = guidance.version(slug, language)
    except NoPage:
        return ()
    for passage in passages_of(guidance.engine_page(page)):
        if passage.anchor == anchor:
            start, end = passage.sentences[0].start, passage.sentences[-1].end
            heading = passage.headings[-1] if passage.headings else ""
            return (
                Citation(slug, language, page.hash, page.title, heading, anchor, page.since, start, end, passage.text),
            )
    return ()


def read_folder(folder: Path) -> list[NewFlow]:
    """The flows of a folder, `LANGUAGE/NAME.toml`. Raises BadPage for a file that is not UTF-8."""
    found = []
    for path in sorted(folder.glob("*/*.toml")):
        try:
            found.append(NewFlow(path.stem, path.parent.name, path.read_text("utf-8")))
        except UnicodeDecodeError:
            raise BadPage(f"{path.relative_to(folder)}: is not UTF-8; save it as UTF-8") from None
    return found


def _usable(new: NewFlow) -> Flow:
    """The flow, if it can be read and every source is a section of a page that is there. Raises BadPage."""
    where = f"{new.language}/{new.name}.toml"
    try:
        flow = _parsed(new.source)
    except BadFlow as error:
        raise BadPage(f"{where}: {error}") from None
    if flow.language != new.language:
        raise BadPage(f"{where}: says language {flow.language!r}, but stands in the folder {new.language!r}")
    for outcome in flow.outcomes.values():
        if not cite(outcome.source, new.language):
            raise BadPage(f"{where}: outcome {outcome.id} stands on {outcome.source}, which no page here has")
    return flow


def _value(row: models.FlowVersion) -> FlowVersion:
    return FlowVersion(row.name, _parsed(row.source), row.since, row.until)


_parsed = lru_cache(maxsize=256)(parse)
