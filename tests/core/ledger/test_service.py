"""What the rest of the node calls."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from django.conf import settings

from commonweal.core.ledger import service
from commonweal.core.ledger.keys import UnsafeKeys
from commonweal.core.ledger.verify import VerifierKey, verify_history
from tests.core.ledger.world import World


@pytest.fixture
def node(world: World, settings: object) -> World:
    world.home.joinpath("log/checkpoint").unlink()  # the node signs under an origin of its own
    world.home.joinpath("keys").rename(world.home / "test-keys")
    settings.COMMONWEAL = dataclasses.replace(settings.COMMONWEAL, home=world.home)  # type: ignore[attr-defined]
    return world


def test_receipt_history_checkpoint_and_check(node: World) -> None:
    with pytest.raises(UnsafeKeys, match="missing"):
        service.sequencer()
    service.create_keys()
    chain = node.person()
    with pytest.raises(FileNotFoundError):
        service.history(chain)
    for _ in range(3):
        node.act(chain)
    sequencer = service.sequencer()
    assert sequencer.step() == 3
    sequencer.close()
    node.act(chain)
    assert service.checkpoint().size == 3
    assert service.check().ok
    compact, whole, receipt = service.history(chain), service.history(chain, proofs=True), service.receipt(chain, 2)
    assert [entry.index for entry in compact.entries] == [0, 1, 2, None]
    assert [entry.n for entry in service.history(chain, 2, 4).entries] == [2, 3]
    keys = [VerifierKey.parse(key) for key in receipt.vkeys]
    assert verify_history(whole.as_json(), keys).pending == 1
    assert verify_history(receipt.as_json(), keys).ok
    with pytest.raises(service.NoSuchEntry):
        service.receipt(chain, 9)
    with pytest.raises(ValueError, match="start 0"):
        service.history(chain, 0)
    stranger = service.history(bytes(16))
    assert (stranger.entries, stranger.last, stranger.label) == ((), 0, None)


def test_keys_that_others_can_read_stop_the_start(node: World) -> None:
    service.create_keys()
    for file in Path(settings.COMMONWEAL.keys).iterdir():
        file.chmod(0o644)
    with pytest.raises(UnsafeKeys):
        service.sequencer()
