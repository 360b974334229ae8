"""Signed notes, checkpoints and keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.ledger import keys, notes
from commonweal.core.ledger.verify import (
    ED25519,
    Checkpoint,
    Note,
    VerificationError,
    VerifierKey,
    open_checkpoint,
    tree_hash,
    verify_note,
)

ORIGIN = "log.example/town"
CHECKPOINT = Checkpoint(ORIGIN, 0, tree_hash(b""))
ED25519_KEY, ML_DSA_KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32), MLDSA44PrivateKey.from_seed_bytes(b"2" * 32)
KEYS = keys.LogKeys(ORIGIN, ED25519_KEY, ML_DSA_KEY)
NOTE = KEYS.sign(CHECKPOINT)


def test_the_example_of_the_signed_note_text_verifies() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = Note.parse(f"This is an example message.\n\n— example.com/foo {signature}\n")
    assert verify_note(note, [key]) == (key,)
    with pytest.raises(VerificationError, match="expected a valid one"):
        verify_note(Note("This is an example message!\n", note.signatures), [key])


def test_a_checkpoint_is_signed_with_both_keys_and_needs_both() -> None:
    assert open_checkpoint(NOTE, KEYS.vkeys) == (CHECKPOINT, KEYS.vkeys)
    text, _, lines = NOTE.rpartition("\n\n")
    for kept in lines.splitlines(keepends=True):
        alone = f"{text}\n\n{kept}"
        assert len(verify_note(Note.parse(alone), KEYS.vkeys)) == 1
        with pytest.raises(VerificationError, match="signatures of the log"):
            open_checkpoint(alone, KEYS.vkeys)


def test_a_witness_cosigns_with_ed25519_and_with_ml_dsa() -> None:
    ed25519, ml_dsa = Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate()
    lines = notes.cosign(str(CHECKPOINT), "w1", ed25519, 10**9), notes.ml_dsa_cosign(CHECKPOINT, "w2", ml_dsa, 7)
    witnesses = notes.ed25519_cosigner_vkey("w1", ed25519), notes.ml_dsa_vkey("w2", ml_dsa)
    _, signers = open_checkpoint(NOTE + "".join(lines), [*KEYS.vkeys, *witnesses])
    assert signers == (*KEYS.vkeys, *witnesses)
    with pytest.raises(VerificationError):  # the same signature under another witness's name
        open_checkpoint(NOTE + lines[1].replace("w2", "w3"), [notes.ml_dsa_vkey("w3", ml_dsa)])


def test_unknown_signatures_are_ignored_and_a_note_of_unknown_keys_refused() -> None:
    stranger = notes.sign(str(CHECKPOINT), "stranger", Ed25519PrivateKey.generate())
    assert open_checkpoint(NOTE + stranger, KEYS.vkeys)[1] == KEYS.vkeys
    with pytest.raises(VerificationError, match="one of a known key"):
        verify_note(Note.parse(NOTE), [notes.ed25519_vkey("stranger", Ed25519PrivateKey.generate())])


@pytest.mark.parametrize("position", range(len(NOTE.encode()) - 3300, len(NOTE.encode()), 97))
def test_a_changed_byte_of_the_long_signature_is_caught(position: int) -> None:
    assert_refused(position, 1)


@given(st.integers(0, 260), st.integers(1, 255))
def test_any_changed_byte_of_text_and_first_signature_is_caught(position: int, change: int) -> None:
    assert_refused(position, change)


def assert_refused(position: int, change: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[position] ^= change
    with pytest.raises((VerificationError, UnicodeDecodeError)):
        open_checkpoint(changed.decode(), KEYS.vkeys)


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    ["", "log\n", "log\n1\n", f"\n1\n{ROOT}\n", f"log\n01\n{ROOT}\n", f"log\n-1\n{ROOT}\n", "log\n1\nAAAA\n",
     f"log\n1\n{ROOT}", f"log\n1\n{ROOT}\n\n", f"log\n١\n{ROOT}\n", f"log\n{1 << 63}\n{ROOT}\n"],
)  # fmt: skip
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        Checkpoint.parse(text)


def test_extension_lines_are_kept() -> None:
    text = str(CHECKPOINT) + "more\n"
    assert Checkpoint.parse(text).extensions == ("more",)
    assert str(Checkpoint.parse(text)) == text


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAA\n",
        "te\rxt\n\n— name AAAAAAAA\n",
        "text\n\n— name AAAAAAAA",
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(VerificationError):
        Note.parse(note)


def test_malformed_verifier_keys_are_refused() -> None:
    good = str(KEYS.vkeys[0])
    assert VerifierKey.parse(good) == KEYS.vkeys[0]
    name, id_, key = good.split("+", 2)
    for bad in ("", name, f"{name}+{id_}", f"{name}+00000000+{key}", f"+{id_}+{key}", f"{name}+{id_}+AQID"):
        with pytest.raises(VerificationError):
            VerifierKey.parse(bad)


def test_keys_are_made_once_and_refused_when_others_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = keys.create(folder, ORIGIN)
    assert keys.create(folder, ORIGIN).vkeys == keys.load(folder, ORIGIN).vkeys == made.vkeys
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    (folder / keys.ED25519_FILE).chmod(0o640)
    with pytest.raises(keys.UnsafeKeys, match="chmod 600"):
        keys.load(folder, ORIGIN)
    (folder / keys.ED25519_FILE).chmod(0o600)
    os.truncate(folder / keys.ED25519_FILE, 31)
    with pytest.raises(keys.UnsafeKeys, match="31 bytes"):
        keys.load(folder, ORIGIN)
    (folder / keys.ED25519_FILE).unlink()
    with pytest.raises(keys.UnsafeKeys, match="missing"):
        keys.load(folder, ORIGIN)


def test_ed25519_signatures_agree_with_wycheproof(test_data: Path) -> None:
    groups = json.loads((test_data / "wycheproof/testvectors_v1/ed25519_test.json").read_text("utf-8"))["testGroups"]
    checked = 0
    for group in groups:
        key = VerifierKey("name", ED25519, bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            try:
                message = bytes.fromhex(case["msg"]).decode()
            except UnicodeDecodeError:
                continue  # a note is UTF-8
            checked += 1
            try:
                key.verify(bytes.fromhex(case["sig"]), message)
                accepted = True
            except InvalidSignature:
                accepted = False
            assert accepted is (case["result"] == "valid"), case["tcId"]
    assert checked > 50


def test_low_order_keys_are_refused(test_data: Path) -> None:
    cases = json.loads((test_data / "cctv/ed25519/ed25519vectors.json").read_text("utf-8"))
    low = {case["key"] for case in cases if "low_order_A" in (case["flags"] or ())}
    whole = {case["key"] for case in cases} - low
    assert len(low) > 7
    for key in low:
        with pytest.raises(VerificationError, match="full order"):
            VerifierKey.parse(str(VerifierKey("member", ED25519, bytes.fromhex(key))))
    for key in whole:
        VerifierKey.parse(str(VerifierKey("member", ED25519, bytes.fromhex(key))))
