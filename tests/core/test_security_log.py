"""Nobody's refusals: noted in a file, sealed by one leaf a minute, edits caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from commonweal.core.identity.actors import ANONYMOUS
from commonweal.core.ledger import security
from commonweal.core.ledger.models import Leaf
from commonweal.core.refused import Refused
from commonweal.services.registry import service
from commonweal.services.registry.purposes import KEEPING
from tests.town import entry, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def file() -> Path:
    for path in settings.COMMONWEAL.logs.glob("security-*"):
        path.unlink()
    (person,) = register(entry())
    for _ in range(3):
        with pytest.raises(Refused):
            service.read(ANONYMOUS, person, KEEPING)
    (path,) = settings.COMMONWEAL.logs.glob("security-*")
    return path


def test_a_minute_of_noise_is_one_leaf(file: Path) -> None:
    before = Leaf.objects.count()
    assert len(file.read_text().splitlines()) == 3
    assert (security.seal(), security.seal()) == (1, 0)
    assert Leaf.objects.count() == before + 1
    assert bytes(Leaf.objects.latest("id").data)[:2] == b"\x01\x05"
    assert security.broken_seals() == []


def test_an_edited_or_missing_line_breaks_its_seal(file: Path) -> None:
    security.seal()
    whole = file.read_bytes()
    for content in (whole.replace(b"refused", b"allowed", 1), whole[whole.index(b"\n") + 1 :], b""):
        file.write_bytes(content)
        assert len(security.broken_seals()) == 1
    file.unlink()
    assert len(security.broken_seals()) == 1


def test_the_noise_holds_nobodys_data(file: Path) -> None:
    assert "Okafor" not in file.read_text()
