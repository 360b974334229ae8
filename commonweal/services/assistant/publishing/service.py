"""Publish and withdraw guidance: every version is kept, and evidence names what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from commonweal.core.act import act
from commonweal.core.identity import accounts
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import decision_flows, guidance, purposes
from commonweal.services.assistant.guidance import BadPage, NoPage
from commonweal.services.assistant.publishing import sitemap
from commonweal.services.assistant.publishing.folder import read_folder
from commonweal.services.assistant.publishing.sitemap import Defaults
from commonweal.services.assistant.values import Gathered, NewFlow, NewPage, PageVersion, Published

TOGETHER = 100  # fetched pages that are published in one act


def publish(actor: Actor, new: Sequence[NewPage]) -> Published:
    """Publish pages: what changed becomes a new version, the old one stays addressable. Raises Refused."""
    with act(actor, purposes.PUBLISH, purpose=purposes.ANSWERING) as evidence:
        done = guidance.store(new)
        evidence.changed([f"assistant/guidance/{slug}" for slug in (*done.added, *done.changed)])
    return done


def put(actor: Actor, new: NewPage) -> tuple[PageVersion, bool]:
    """Publish one page, for the agency that answers for it; returns it, and whether there was none of its name.

    The rules decide by whose page it is now. Raises Refused, BadPage.
    """
    owner = guidance.owner_of(new.slug, new.language)
    with act(actor, purposes.PUBLISH, purpose=purposes.ANSWERING, object=owner or new.owner) as evidence:
        if owner != guidance.owner_of(new.slug, new.language):
            raise BadPage("somebody published a page of this name just now; look at it first", "slug")
        done = guidance.store([new])
        evidence.changed([f"assistant/guidance/{slug}" for slug in (*done.added, *done.changed)])
        return guidance.version(new.slug, new.language), bool(done.added)


def publish_flows(actor: Actor, new: Sequence[NewFlow]) -> Published:
    """Publish decision flows, after the pages that they stand on. Raises Refused; BadPage with what to mend."""
    with act(actor, purposes.PUBLISH, purpose=purposes.ANSWERING) as evidence:
        done = decision_flows.store(new)
        evidence.changed([f"assistant/flow/{name}" for name in (*done.added, *done.changed)])
    return done


def load_folder(actor: Actor, folder: Path) -> Published:
    """Publish every page and then every decision flow of a folder. Raises BadPage, Refused."""
    new_pages, new_flows = read_folder(folder), decision_flows.read_folder(folder)
    if not new_pages and not new_flows:
        raise BadPage(f"{folder}: there is no LANGUAGE/PAGE.md, .html, .json or .toml in this folder")
    return publish(actor, new_pages) + publish_flows(actor, new_flows)


def load_sitemap(
    actor: Actor,
    file: Path,
    defaults: Defaults,
    *,
    take_away: bool = False,
    tell: Callable[[str], None] = lambda said: None,
) -> Gathered:
    """Fetch the pages that a sitemap file names, and publish what is new or changed; what fails does not stop the rest.

    Pages of the same subject that came from the same hosts, and that it names no more, are told of; with `take_away`
    they are withdrawn. `tell` hears how far it is. Raises BadPage (no sitemap, no such agency), Refused.
    """
    codes = [one.code for one in accounts.agencies()]
    if defaults.owner not in codes:
        raise BadPage(f"there is no agency {defaults.owner!r} here; there are {', '.join(codes)}", "owner")
    named = sitemap.addresses(file)
    waiting = sitemap.pages(named, defaults)
    done, failed = Published(), list[tuple[str, str]]()
    here = dict[str, tuple[str, str]]()
    while some := list(islice(waiting, TOGETHER)):
        new = [page for _address, page in some if isinstance(page, NewPage)]
        failed += [(address, str(page)) for address, page in some if not isinstance(page, NewPage)]
        here |= {page.address: (page.language, page.slug) for page in new}
        done += publish(actor, new) if new else Published()
        tell(f"{len(here) + len(failed):,} of {len(named):,} pages")
    gone = sitemap.without_failed(guidance.no_longer_named(named, here, defaults.topic), dict(failed))
    if take_away:
        for page in gone:
            withdraw(actor, page.slug, page.language)
    return Gathered(done, tuple(failed), tuple(gone))


def withdraw(actor: Actor, slug: str, language: str) -> None:
    """Take a page away; its versions stay, and nothing is quoted from it any more. Raises Refused, NoPage."""
    owner = guidance.version(slug, language).owner
    with act(actor, purposes.WITHDRAW, purpose=purposes.ANSWERING, object=owner) as evidence:
        if owner != guidance.owner_of(slug, language):
            raise NoPage(_("There is no such page"))
        guidance.take_away(slug, language)
        evidence.changed([f"assistant/guidance/{slug}"])
