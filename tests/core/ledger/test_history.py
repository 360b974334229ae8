"""A person's own check: whatever the node hides, drops, swaps or rewrites, both verifiers say so."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from commonweal.core.ledger import entries, verify
from commonweal.core.ledger.verify import Anchor, VerificationError, main, verify_history
from tests.core.ledger.conftest import Device
from tests.core.ledger.world import World, add_leaves, sql

History = dict[str, Any]


def check_both(
    world: World,
    device: Device,
    chain: bytes,
    change: Callable[[History], None] = lambda _: None,
    anchor: dict[str, Any] | None = None,
) -> set[str]:
    """The findings of verify.py (from tiles), which check.js in the browser must share."""
    history = world.history(chain, proofs=False)
    change(history)
    report = verify_history(history, world.vkeys, world.fetch, Anchor.parse(anchor) if anchor else None)
    result = device.check(world.log, history, anchor)
    codes = {finding.code for finding in report.findings}
    assert codes == {finding["code"] for finding in result["findings"]}, (report.findings, result["findings"])
    assert (report.ok, report.entries, report.pending, report.erased, report.complete) == tuple(
        result[name] for name in ("ok", "entries", "pending", "erased", "complete")
    )
    assert (report.checkpoint.size, report.epoch) == (result["checkpointSize"], result["epochSize"])
    if report.anchor:
        assert {name: result["anchor"][name] for name in asdict(report.anchor)} == asdict(report.anchor)
    return codes


@pytest.fixture
def chain(world: World) -> bytes:
    """A person with eight entries, two of them from acts over many, seven covered by an epoch."""
    chain, *others = [world.person() for _ in range(6)]
    for round_ in range(7):
        world.act(*(others[:round_] if round_ in {2, 5} else []), chain, *(others if round_ == 5 else []))
        world.act(others[0])
        if round_ == 3:
            add_leaves(300)
            world.publish()
            world.close_epoch()
    world.publish()
    world.close_epoch()
    world.act(chain)
    world.publish()
    return chain


def test_an_honest_history_verifies_in_every_form(world: World, device: Device, chain: bytes) -> None:
    assert check_both(world, device, chain) == set()
    report = verify_history(world.history(chain, proofs=True), world.vkeys)  # from the file alone
    assert (report.ok, report.complete, report.entries, report.pending) == (True, True, 8, 0)
    world.act(chain)
    report = verify_history(world.history(chain), world.vkeys)
    assert (report.ok, report.pending) == (True, 1)
    assert check_both(world, device, chain) == set()
    for n in (1, 3, 6, 8):
        assert verify_history(world.receipt(chain, n), world.vkeys).ok
    part = verify_history(world.history(chain, start=3, stop=5), world.vkeys)
    assert (part.ok, part.entries, part.complete) == (True, 2, False)


def test_the_signature_is_checked_in_the_browser(world: World, device: Device, chain: bytes) -> None:
    assert device.check(world.log, world.history(chain, proofs=False))["signature"] == "verified"
    device.evaluate("() => { crypto.subtle.importKey = () => Promise.reject(new Error('unsupported')) }")
    result = device.check(world.log, world.history(chain, proofs=False))
    device.evaluate("() => { delete crypto.subtle.importKey }")
    assert (result["signature"], result["ok"]) == ("unsupported", True)


def entry(history: History, n: int) -> dict[str, Any]:
    return history["entries"][n - 1]


def drop(history: History) -> None:
    del history["entries"][3]


def drop_and_renumber(history: History) -> None:
    drop(history)
    for number, later in enumerate(history["entries"], 1):
        later["n"] = number
    history["last"] -= 1
    history["stop"] -= 1


def swap(history: History) -> None:
    history["entries"][2:4] = history["entries"][3:1:-1]


def swap_contents(history: History) -> None:
    a, b = entry(history, 3), entry(history, 4)
    for name in ("body", "key"):
        a[name], b[name] = b[name], a[name]


def hide_the_newest(count: int) -> Callable[[History], None]:
    def hide(history: History) -> None:
        del history["entries"][-count:]
        history["last"] -= count
        history["stop"] -= count

    return hide


def rewrite(history: History) -> None:
    entry(history, 5)["body"] = entry(history, 5)["body"].replace("test.read", "test.none")


def another_key(history: History) -> None:
    entry(history, 8)["key"] = "00" * 32


def another_place(history: History) -> None:
    entry(history, 5)["index"] += 1


def beyond_the_log(history: History) -> None:
    entry(history, 5)["index"] = 100_000


def another_position(history: History) -> None:
    entry(history, 6)["position"] = 0


def pretend_pending(history: History) -> None:
    entry(history, 2)["index"] = None


def pretend_all_pending(history: History) -> None:
    for one in history["entries"]:
        one["index"] = None


def cut_short(history: History) -> None:
    del history["entries"][-1]


def nothing_left(history: History) -> None:
    history.update(entries=[], last=0, stop=1)


def another_label(history: History) -> None:
    history["label"] = "11" * 32


def no_epoch(history: History) -> None:
    history["epoch"] = None


def uncovered(history: History) -> None:
    history["epoch"]["head"] = None


def another_head(history: History) -> None:
    history["epoch"]["head"].update(n=6, commitment="22" * 32)


def another_epoch_text(history: History) -> None:
    history["epoch"]["document"] = history["epoch"]["document"].replace('"number":2', '"number":3')


def another_root(history: History) -> None:
    lines = history["checkpoint"].split("\n")
    lines[2] = "A" * 43 + "="
    history["checkpoint"] = "\n".join(lines)


def another_size(history: History) -> None:
    lines = history["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) - 1)
    history["checkpoint"] = "\n".join(lines)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (drop, "counter"), (drop_and_renumber, "link"), (swap, "counter"), (swap_contents, "leaf"),
        (hide_the_newest(2), "tail"), (hide_the_newest(7), "tail"), (rewrite, "leaf"), (rewrite, "link"),
        (another_key, "leaf"), (another_place, "leaf"), (beyond_the_log, "leaf"), (another_position, "leaf"),
        (pretend_pending, "unlogged"),
        (pretend_all_pending, "unlogged"), (cut_short, "tail"), (nothing_left, "tail"), (another_label, "label"),
        (another_label, "epoch"), (no_epoch, "epoch_old"), (uncovered, "head"), (another_head, "epoch"),
        (another_head, "head"), (another_epoch_text, "epoch"), (another_root, "tree"), (another_root, "signature"),
        (another_size, "signature"),
    ],
)  # fmt: skip
def test_a_changed_history_is_found_out(
    world: World, device: Device, chain: bytes, change: Callable[[History], None], found: str
) -> None:
    assert found in check_both(world, device, chain, change)


def test_the_newest_entry_before_its_epoch_is_missed_by_whoever_holds_its_receipt(
    world: World, device: Device, chain: bytes
) -> None:
    remembered = verify_history(world.receipt(chain, 8), world.vkeys).anchor
    assert remembered
    assert check_both(world, device, chain, hide_the_newest(1)) == set()  # no epoch has closed over it yet
    assert check_both(world, device, chain, hide_the_newest(1), asdict(remembered)) == {"anchor_entry"}
    world.close_epoch()  # from now on nobody needs a receipt
    assert check_both(world, device, chain, hide_the_newest(1)) == {"tail"}


def test_an_epoch_from_before_the_hidden_entry_is_found_to_be_old(world: World, device: Device, chain: bytes) -> None:
    old = world.history(chain, proofs=False)["epoch"]
    world.close_epoch()

    def hide(history: History) -> None:
        hide_the_newest(1)(history)
        history["epoch"] = old

    assert check_both(world, device, chain, hide) == {"epoch_old"}


def test_an_earlier_checkpoint_and_another_history_of_the_log_are_found_out(
    world: World, device: Device, chain: bytes
) -> None:
    before = world.history(chain, proofs=False)
    world.act(chain)
    world.publish()
    now = verify_history(world.history(chain), world.vkeys).anchor
    assert now
    assert "anchor_log" in check_both(world, device, chain, lambda history: history.update(before), asdict(now))
    for other in (asdict(now) | {"root": "33" * 32}, asdict(now) | {"origin": "other.example"}):
        assert check_both(world, device, chain, anchor=other) == {"anchor_log"}
    assert check_both(world, device, chain, anchor=asdict(now) | {"commitment": "44" * 32}) == {"anchor_entry"}


def test_a_consistency_proof_in_the_file_replaces_the_tiles(world: World, chain: bytes) -> None:
    anchor = verify_history(world.history(chain), world.vkeys).anchor
    assert anchor
    add_leaves(300, seed=5)
    world.act(chain)
    world.publish()
    assert verify_history(world.history(chain, earlier=(anchor.size,)), world.vkeys, anchor=anchor).ok
    without = verify_history(world.history(chain), world.vkeys, anchor=anchor)
    assert {finding.code for finding in without.findings} == {"anchor_log"}


def test_what_is_erased_stays_verifiable(world: World, device: Device, chain: bytes) -> None:
    sql("DELETE FROM ledger_record WHERE chain = %s AND n = 4", chain)
    assert check_both(world, device, chain) == {"erased"}
    world.act(chain, action="erasure.entries.erase", decision="permitted", changed=["ledger/entry/4"])
    world.publish()
    assert check_both(world, device, chain) == set()
    assert verify_history(world.history(chain), world.vkeys).erased == 1


LABEL = "(SELECT label FROM ledger_head WHERE chain = %s)"
SEVENTH = "(SELECT leaf_id FROM ledger_chain WHERE chain = %s AND n = 7)"


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("DELETE FROM ledger_chain WHERE chain = %s AND n = 4", "counter"),
        ("UPDATE ledger_record SET key = CAST(chain || chain AS BLOB) WHERE chain = %s AND n = 4", "leaf"),
        ("UPDATE ledger_chain SET position = position + 1 WHERE chain = %s AND n = 4", "leaf"),
        ("UPDATE ledger_chain SET leaf_id = leaf_id + 1 WHERE chain = %s AND n = 4", "leaf"),
        ("UPDATE ledger_head SET n = n - 2 WHERE chain = %s", "tail"),
        (f"UPDATE ledger_epochhead SET n = n - 1 WHERE label = {LABEL}", "epoch"),
        (f"UPDATE ledger_log SET idx = -idx WHERE leaf_id = {SEVENTH}", "leaf"),
        (f"DELETE FROM ledger_log WHERE leaf_id = {SEVENTH}", "unlogged"),
    ],
)  # fmt: skip
def test_what_is_changed_in_the_database_is_found_out(
    world: World, device: Device, chain: bytes, harm: str, found: str
) -> None:
    sql(harm, chain)
    assert found in check_both(world, device, chain)


def test_another_persons_entry_in_place_of_mine_is_found_out(world: World, device: Device, chain: bytes) -> None:
    other = world.person()
    for _ in range(5):
        world.act(other)
    world.publish()
    theirs = world.history(other, proofs=False)

    def replace(history: History) -> None:
        history["entries"][4] = theirs["entries"][4]

    assert "link" in check_both(world, device, chain, replace)


def test_the_command_checks_receipts_histories_and_anchors(
    world: World, chain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt, history, anchor = tmp_path / "receipt.json", tmp_path / "history.json", tmp_path / "anchor.json"
    keys = [part for key in world.vkeys for part in ("--vkey", str(key))]
    receipt.write_text(json.dumps(world.receipt(chain, 5)), "utf-8")
    assert verify.main([str(receipt), *keys]) == 0
    said = capsys.readouterr().out
    assert "VERIFIED. Entries 5 to 5 of 8" in said
    anchor.write_text(said.split("Remember this: ")[1], "utf-8")
    world.act(chain)
    world.publish()
    history.write_text(json.dumps(world.history(chain, proofs=False)), "utf-8")
    assert verify.main([str(history), "--log", str(world.log), "--anchor", str(anchor)]) == 0
    assert verify.main([str(history), *keys]) == 1  # neither proofs nor tiles
    changed = world.history(chain)
    rewrite(changed)
    history.write_text(json.dumps(changed), "utf-8")
    capsys.readouterr()
    assert verify.main([str(history), *keys]) == 1
    said = capsys.readouterr().out
    assert "NOT VERIFIED" in said
    assert "entry 5, leaf: expected" in said
    for broken in ("{", "[]", '{"version": 2}', "{}"):
        history.write_text(broken, "utf-8")
        assert verify.main([str(history), *keys]) == 1


@pytest.mark.parametrize("name", ["checkpoint", "entries", "start", "epoch", "label", "version"])
def test_a_file_that_is_no_history_is_refused(world: World, chain: bytes, name: str) -> None:
    history = copy.deepcopy(world.history(chain))
    del history[name]
    with pytest.raises(VerificationError):
        verify_history(history, world.vkeys)


def test_entries_about_two_people_are_no_history(world: World, device: Device, chain: bytes) -> None:
    with transaction.atomic():
        entries.add_entries(secrets.token_bytes(16), {"action": "test.read"}, [(chain, {"subject": "someone-else"})])
    world.publish()
    assert check_both(world, device, chain) == {"label"}


def test_the_command_says_what_a_file_alone_cannot_show(
    world: World, chain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.json"
    file.write_text(json.dumps(world.history(chain)))
    assert main([str(file)]) == 0
    assert "COMPLETENESS NOT CHECKED" in capsys.readouterr().out
    assert main([str(file), "--log", str(world.log)]) == 0
    assert "COMPLETENESS" not in capsys.readouterr().out
