"""The room's tables. Everything here runs inside an act that service.py opened, or reads what is public."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.services.voting import models
from commonweal.services.voting.engine.archive import Checkpoint
from commonweal.services.voting.engine.credentials import base58
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.values import DRAFT, Draft, LoggedHead, RollLine, Standing, Voter

LABEL = 10  # characters of Base58
_packages: dict[str, Package] = {}


class NoElection(LookupError):
    """There is no election with this id."""

    def __init__(self, uuid: str) -> None:
        super().__init__(f"There is no election {uuid}.")


def create(uuid: str, draft: Draft) -> None:
    """A new draft."""
    models.Election.objects.create(uuid=uuid, draft=draft.as_json())


def rewrite(uuid: str, draft: Draft) -> None:
    """Another draft in its place. Raises NoElection when there is no draft of this id."""
    if not models.Election.objects.filter(uuid=uuid, state=DRAFT).update(draft=draft.as_json()):
        raise NoElection(uuid)


def freeze(uuid: str, package: Package) -> None:
    """Keep what was frozen."""
    models.Election.objects.filter(uuid=uuid, state=DRAFT).update(state="frozen", package=package.content().decode())


def archive(uuid: str) -> None:
    """End it: the roll goes, the public record and the number of passes stay."""
    _delete(models.RollEntry.objects.filter(election_id=uuid))
    models.Election.objects.filter(uuid=uuid).update(state="archived")


def note_trouble(uuid: str, words: str) -> None:
    """What was wrong with the board: shown to everybody from now on."""
    models.Election.objects.filter(uuid=uuid).update(trouble=words)


def standing(uuid: str) -> Standing:
    """The election. Raises NoElection."""
    row = models.Election.objects.defer("package").filter(uuid=uuid).first()
    if row is None:
        raise NoElection(uuid)
    return _standing(row)


def standings() -> list[Standing]:
    """All elections, the newest opening first."""
    return sorted(
        map(_standing, models.Election.objects.defer("package")), key=lambda one: one.draft.opens, reverse=True
    )


def enter(uuid: str, lines: Sequence[RollLine]) -> None:
    """Put people on the roll, each under a fresh label. Raises ValueError for somebody who is there already."""
    ids = [line.person.id for line in lines]
    if len(set(ids)) < len(ids) or models.RollEntry.objects.filter(election_id=uuid, person_id__in=ids).exists():
        raise ValueError(_("Somebody would be on the roll twice."))
    models.RollEntry.objects.bulk_create(
        models.RollEntry(
            election_id=uuid,
            person_id=line.person.id,
            label=base58(LABEL),
            name=line.name,
            delivery=line.delivery,
            weight=line.weight,
        )
        for line in lines
    )


def remove(uuid: str, person: Person) -> bool:
    """Take somebody off the roll of a draft; on a frozen roll, mark that they get no pass. False if they are not on it.

    The frozen roll keeps its length, which is that of the list of codes.
    """
    entry = _roll(uuid).filter(person_id=person.id)
    if entry.filter(election__state=DRAFT).exists():
        entry.delete()
        return True
    return bool(entry.update(removed=True))


def voters(uuid: str) -> list[Voter]:
    """The roll for the credential authority, in a random order."""
    found = [Voter(*row) for row in _roll(uuid).values_list("label", "name", "delivery", "weight")]
    secrets.SystemRandom().shuffle(found)
    return found


def weights(uuid: str) -> list[int]:
    """How often each vote counts, the lightest first."""
    return sorted(_roll(uuid).values_list("weight", flat=True))


def people_of(uuid: str, labels: Iterable[str] = ()) -> list[Person]:
    """Who is on the roll; only those of these labels, if any are given."""
    rows = _roll(uuid)
    if labels:
        rows = rows.filter(label__in=list(labels))
    return list(people.known(rows.values_list("person_id", flat=True)).values())


def elections_of(person: Person) -> frozenset[str]:
    """On whose rolls the person stands."""
    rows = models.RollEntry.objects.filter(person_id=person.id, removed=False)
    return frozenset(rows.values_list("election_id", flat=True))


def asked_for(uuid: str, person: Person) -> bytes | None:
    """The hash of what this person had signed, empty if nothing yet; None if they are not on the roll."""
    asked = _roll(uuid).filter(person_id=person.id).values_list("asked", flat=True).first()
    return None if asked is None else bytes(asked)


def note_asked(uuid: str, person: Person, digest: bytes) -> bool:
    """What this person had signed as their one pass. False if they had one signed before, even a moment ago."""
    return bool(_roll(uuid).filter(person_id=person.id, asked=b"").update(asked=digest))


def passes_drawn(uuid: str) -> int:
    """How many people had a pass signed."""
    gone: int | None = models.Election.objects.values_list("passes", flat=True).get(uuid=uuid)
    return (gone or 0) + models.RollEntry.objects.filter(election_id=uuid).exclude(asked=b"").count()


def add_head(uuid: str, head: LoggedHead) -> None:
    """A checkpoint that stands in the log."""
    models.Checkpoint.objects.create(
        election_id=uuid, height=head.checkpoint.height, digest=head.checkpoint.digest, size=head.size,
        document=head.document,
    )  # fmt: skip


def erase(person_id: UUID) -> None:
    """Delete what is held of somebody. The number of passes stays: fewer than ballots would look like fraud."""
    _delete(models.RollEntry.objects.filter(person_id=person_id))


def held(person_id: UUID) -> list[dict[str, object]]:
    """What is held of somebody, by election."""
    rows = models.RollEntry.objects.filter(person_id=person_id).select_related("election")
    return [
        {
            "election": row.election.draft["name"],
            "name": row.name,
            "delivery": row.delivery,
            "weight": row.weight,
            "pass": bool(row.asked),
        }
        for row in rows
    ]


def _delete(entries: QuerySet[models.RollEntry]) -> None:
    """Delete entries, and count those whose pass was drawn with their elections."""
    drawn = Counter(entries.exclude(asked=b"").values_list("election_id", flat=True))
    entries.delete()
    for uuid, passes in drawn.items():
        models.Election.objects.filter(uuid=uuid).update(passes=Coalesce(F("passes"), 0) + passes)


def _roll(uuid: str) -> QuerySet[models.RollEntry]:
    return models.RollEntry.objects.filter(election_id=uuid, removed=False)


def _standing(row: models.Election) -> Standing:
    heads = models.Checkpoint.objects.filter(election_id=row.uuid).order_by("height")
    entries = models.RollEntry.objects.filter(election_id=row.uuid)
    roll = entries.aggregate(voters=Count("id"), weight=Coalesce(Sum("weight"), 0))
    return Standing(
        row.uuid,
        row.state,
        Draft.from_json(row.draft),
        _package(row) if row.state != DRAFT else None,
        roll["voters"],
        roll["weight"],
        tuple(LoggedHead(Checkpoint(one.height, one.digest), one.size, one.document) for one in heads),
        row.trouble,
    )


def _package(row: models.Election) -> Package:
    """The package, read and checked once in each process: it never changes."""
    if row.uuid not in _packages:
        _packages[row.uuid] = Package.read(row.package.encode())
    return _packages[row.uuid]
