"""Epochs: the map, its proofs, and what an epoch covers."""

from __future__ import annotations

import contextlib
import json
from threading import Thread

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.ledger import epochs
from commonweal.core.ledger.epochs import EpochMap, Head
from commonweal.core.ledger.models import Document, EpochHead, Leaf, Pending
from commonweal.core.ledger.rows import Damaged
from commonweal.core.ledger.verify import VerificationError, map_leaf_hash, map_node_hash, root_from_map_path
from tests.core.ledger.world import World, sql

labels = st.binary(min_size=32, max_size=32)
heads = st.dictionaries(labels, st.tuples(st.integers(1, 2**60), st.just(bytes(32))), min_size=1)


def sorted_heads(values: dict[bytes, tuple[int, bytes]]) -> list[Head]:
    return sorted((label, n, commitment) for label, (n, commitment) in values.items())


def defined_root(heads: list[Head]) -> bytes:
    """The definition in the module's text, word for word."""
    if len(heads) == 1:
        return map_leaf_hash(*heads[0])
    for bit in range(256):
        ones = [head for head in heads if head[0][bit // 8] >> (7 - bit % 8) & 1]
        if 0 < len(ones) < len(heads):
            return map_node_hash(bit, defined_root([head for head in heads if head not in ones]), defined_root(ones))
    raise AssertionError("one label twice")


@given(heads)
def test_the_map_has_the_defined_root_and_every_path_leads_to_it(values: dict[bytes, tuple[int, bytes]]) -> None:
    tree = EpochMap(sorted_heads(values))
    assert tree.root == defined_root(sorted_heads(values))
    for label, (n, commitment) in values.items():
        assert tree.head(label) == (label, n, commitment)
        assert root_from_map_path(label, n, commitment, tree.path(label)) == tree.root


@given(heads, st.data())
def test_a_map_gives_one_answer_for_one_label(values: dict[bytes, tuple[int, bytes]], data: st.DataObject) -> None:
    tree = EpochMap(sorted_heads(values))
    label = data.draw(st.sampled_from(sorted(values)))
    n, commitment = values[label]
    other = data.draw(st.sampled_from(sorted(values)))
    assert root_from_map_path(label, n + 1, commitment, tree.path(label)) != tree.root
    if other != label:
        with contextlib.suppress(VerificationError):
            assert root_from_map_path(label, n, commitment, tree.path(other)) != tree.root


def test_unsorted_and_repeated_labels_are_refused() -> None:
    a, b = (bytes([number]) * 32 for number in (1, 2))
    for labels in ((b, a), (a, a)):
        with pytest.raises(ValueError, match="must ascend"):
            EpochMap([(label, 1, bytes(32)) for label in labels])
    with pytest.raises(KeyError):
        EpochMap([(a, 1, bytes(32))]).path(b)


def test_an_epoch_closes_only_when_something_changed(world: World) -> None:
    chain = world.person()
    assert epochs.close() is None  # a chain without entries is nobody's head
    world.act(chain)
    world.publish()
    first = epochs.close()
    assert first
    assert (first.number, first.size, first.heads) == (1, 1, 1)
    assert epochs.close() is None
    assert world.publish() == 2
    assert epochs.close() is None  # its own leaf is no change
    world.act(chain, world.person())
    second = world.close_epoch()
    assert second
    assert (second.number, second.heads, second.size) == (2, 2, 2)
    assert EpochHead.objects.count() == 2
    document = Document.objects.order_by("-leaf_id")[0]
    assert world.fetch(f"document/{bytes(document.hash).hex()}") == second.document() == bytes(document.body)
    assert json.loads(second.document())["root"] == second.root.hex()
    assert epochs.Epoch.parse(second.document()) == second


def test_rows_document_leaf_and_pending_row_commit_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.act(world.person())
    world.publish()
    before = Leaf.objects.count()

    def failing(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(epochs.entries, "add_document", failing)
        with pytest.raises(RuntimeError):
            epochs.close()
    assert (EpochHead.objects.count(), Document.objects.count(), Leaf.objects.count()) == (0, 0, before)
    assert not Pending.objects.exists()
    assert epochs.close()


def test_a_head_that_went_back_closes_no_epoch(world: World) -> None:
    chain = world.person()
    world.act(chain)
    world.act(chain)
    world.close_epoch()
    sql("UPDATE ledger_head SET n = 1")
    with pytest.raises(Damaged, match="went back to entry 1"):
        epochs.close()


def test_every_entry_below_the_size_is_covered_while_others_write(world: World) -> None:
    """What the log held when the epoch's size was read is in the epoch's heads."""
    chains = [world.person() for _ in range(5)]
    running = True

    def write() -> None:
        while running:
            for chain in chains:
                world.act(chain)
        connections.close_all()

    thread = Thread(target=write)
    thread.start()
    sequencer = world.sequencer()
    try:
        for _ in range(10):
            sequencer.step()
            epoch = epochs.close()
            if epoch is None:
                continue
            uncovered = sql(
                "SELECT chain.n FROM ledger_chain chain JOIN ledger_log log ON log.leaf_id = chain.leaf_id "
                "JOIN ledger_head head ON head.chain = chain.chain LEFT JOIN ledger_epochhead epoch "
                "ON epoch.label = head.label WHERE log.idx < %s AND (epoch.n IS NULL OR epoch.n < chain.n)",
                epoch.size,
            )
            assert uncovered == []
    finally:
        running = False
        thread.join()
