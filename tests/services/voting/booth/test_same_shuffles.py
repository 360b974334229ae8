"""The trustees' page makes the very shuffles that the Python engine makes, and believes the same ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import ORDER, base
from commonweal.services.voting.engine.proofs import Ciphertext, encrypt
from commonweal.services.voting.engine.randomness import SYSTEM, SeededRandomness
from commonweal.services.voting.engine.shuffle import Shuffle, make_shuffle

pytestmark = pytest.mark.browser
PRIVATE = SYSTEM.scalar()
KEY = base(PRIVATE)
SEED = bytes(range(32))
Rows = list[tuple[Ciphertext, ...]]

MAKE = """async ([rows, key, seed]) => {
  const { readMember } = await import('/trustee/proofs.js')
  const { makeShuffle } = await import('/trustee/shuffle.js')
  const { fromHex } = await import('/crypto/bytes.js')
  const { seededRandomness } = await import('/crypto/randomness.js')
  const read = ({ alpha, beta }) => ({ alpha: readMember(alpha), beta: readMember(beta) })
  const before = rows.map((row) => row.map(read))
  const told = []
  const hear = async (done, all) => told.push([done, all])
  const made = await makeShuffle(before, readMember(key), 'phi', seededRandomness(fromHex(seed)), hear)
  return [JSON.stringify(made), told]
}"""
VERIFY = """async ([rows, key, fingerprint, contents]) => {
  const { readMember } = await import('/trustee/proofs.js')
  const { verifiedShuffles } = await import('/trustee/mixing.js')
  const { digestOf } = await import('/trustee/record.js')
  const read = ({ alpha, beta }) => ({ alpha: readMember(alpha), beta: readMember(beta) })
  const questions = rows.map(() => ({ ranked: true }))
  const frozen = { election: { questions, publicKey: readMember(key), fingerprint }, keys: [key] }
  const answers = []
  for (const content of contents) {
    const digest = digestOf(new TextEncoder().encode(content))
    const owned = { content: JSON.stringify({ owner: 1, payload: digest }) }
    const after = [{ type: 'Shuffle', data: [{ digest, content }, owned] }]
    try {
      const tally = { rows: rows.map((row) => row.map(read)), after }
      const { shuffles } = await verifiedShuffles(tally, frozen, async () => {})
      answers.push(shuffles.length === 1)
    } catch {
      answers.push(false)
    }
  }
  return answers
}"""


def rows(*sizes: int) -> Rows:
    return [tuple(encrypt(KEY, number, SYSTEM.scalar()) for number in range(size)) for size in sizes]


def as_json(before: Rows) -> list[Any]:
    return [[item.as_json() for item in row] for row in before]


def verified(workbench: Page, before: Rows, contents: list[bytes], fingerprint: str = "phi") -> list[bool]:
    asked = [as_json(before), group.text(KEY), fingerprint, [content.decode() for content in contents]]
    answers: list[bool] = workbench.evaluate(VERIFY, asked)
    return answers


@pytest.mark.parametrize("sizes", [(0,), (1,), (7, 4)], ids=str)
def test_the_same_bytes_from_the_same_randomness(workbench: Page, sizes: tuple[int, ...]) -> None:
    before = rows(*sizes)
    content, _ = workbench.evaluate(MAKE, [as_json(before), group.text(KEY), SEED.hex()])
    assert content.encode() == make_shuffle(before, KEY, "phi", SeededRandomness(SEED)).content()
    Shuffle.read(content.encode()).verify(before, KEY, "phi")


def test_the_page_lives_while_it_shuffles(workbench: Page) -> None:
    _, told = workbench.evaluate(MAKE, [as_json(rows(20)), group.text(KEY), SEED.hex()])
    assert told == [[done, 140] for done in range(20, 141, 20)]


def test_every_number_of_a_shuffle_is_bound(workbench: Page) -> None:
    before = rows(2, 1)
    true = make_shuffle(before, KEY, "phi").content()
    everywhere = places(json.loads(true))
    answers = verified(workbench, before, [true, *(changed(true, path) for path in everywhere)])
    assert answers[0]
    assert [path for path, believed in zip(everywhere, answers[1:], strict=True) if believed] == []


def test_shuffles_of_something_else(workbench: Page) -> None:
    before = rows(3)
    doubled = [(before[0][0], before[0][0], before[0][1])]
    false = [make_shuffle(other, KEY, "phi").content() for other in (doubled, rows(3), rows(2), rows(3, 3))]
    true = make_shuffle(before, KEY, "phi").content()
    spelled = json.dumps(json.loads(true)).encode()
    torsion = true.replace(json.loads(true)["ciphertexts"][0][0]["alpha"].encode(), ORDER_8.encode())
    assert not any(verified(workbench, before, [*false, spelled, torsion]))
    assert verified(workbench, before, [true], "psi") == [False]


ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"


def places(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every text of the shuffle stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [so_far] if inside is None else [path for key, item in inside for path in places(item, (*so_far, key))]


def changed(content: bytes, path: tuple[Any, ...]) -> bytes:
    """The shuffle with one text changed to another well-formed one."""
    value = json.loads(content)
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    is_point = len(old) == 64
    holder[path[-1]] = (
        group.text(group.add(group.point(old), group.GENERATOR)) if is_point else str((int(old) + 1) % ORDER)
    )
    return canonical(value)
