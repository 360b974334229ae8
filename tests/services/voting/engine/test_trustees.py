"""Trustees: what fewer than the threshold can do, and how one who lies in key generation is found out."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from commonweal.services.voting.engine import group, pedersen
from commonweal.services.voting.engine.decryption import Logarithms, decrypt_partially, plaintexts
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import ORDER, base, multiply, subtract
from commonweal.services.voting.engine.keys import SignedMessage, sign, trustee_key
from commonweal.services.voting.engine.pedersen import Coefficients, Pedersen, Shares, Trustee, receive, send
from commonweal.services.voting.engine.proofs import Ciphertext, Proof, encrypt
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.tally import EncryptedTally
from commonweal.services.voting.engine.trustees import Single, Trustees, lagrange
from tests.services.voting.engine.elections import single, threshold

NEEDED, SIZE = 3, 5


@pytest.fixture(scope="module")
def people() -> list[Trustee]:
    return [Trustee.new() for _ in range(SIZE)]


@pytest.fixture(scope="module")
def certificates(people: list[Trustee]) -> list[SignedMessage]:
    return [person.certificate(SIZE, NEEDED, index) for index, person in enumerate(people, 1)]


@pytest.fixture(scope="module")
def shares(people: list[Trustee], certificates: list[SignedMessage]) -> list[Shares]:
    return [person.share(certificates, NEEDED) for person in people]


def reason(work) -> Reason:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.reason


def tally_of(key: group.Point, *numbers: int) -> EncryptedTally:
    return EncryptedTally((tuple(encrypt(key, number, SYSTEM.scalar()) for number in numbers),))


def test_any_three_of_five_decrypt_and_no_two() -> None:
    keys = threshold(NEEDED, SIZE)
    tally = tally_of(keys.trustees.verify(), 7, 0, 12)
    all_of_them = {owner: decrypt_partially(tally, "phi", key) for owner, key in keys.private.items()}
    for present in itertools.combinations(keys.private, NEEDED):
        points = plaintexts(tally, keys.trustees, {owner: all_of_them[owner] for owner in present})
        assert points == ((base(7), base(0), base(12)),)
    for present in itertools.combinations(keys.private, NEEDED - 1):
        some = {owner: all_of_them[owner] for owner in present}
        assert reason(lambda some=some: plaintexts(tally, keys.trustees, some)) is Reason.DECRYPTION_MISSING


def test_two_of_five_who_combine_what_they_have_get_nothing() -> None:
    """t - 1 colluding trustees interpolate a wrong key: neither the votes nor the election key come out."""
    keys = threshold(NEEDED, SIZE)
    public_key = keys.trustees.verify()
    ciphertext = encrypt(public_key, 1, SYSTEM.scalar())
    for present in itertools.combinations(range(1, SIZE + 1), NEEDED - 1):
        guess = sum(lagrange(i, present) * keys.private[i] for i in present) % ORDER
        assert base(guess) != public_key
        left = subtract(ciphertext.beta, multiply(guess, ciphertext.alpha))
        with pytest.raises(Refused):
            Logarithms(100).of(left)


def test_every_single_trustee_is_needed() -> None:
    keys = single(3)
    tally = tally_of(keys.trustees.verify(), 1)
    some = {owner: decrypt_partially(tally, "phi", keys.private[owner]) for owner in (1, 3)}
    assert reason(lambda: plaintexts(tally, keys.trustees, some)) is Reason.DECRYPTION_MISSING


def test_a_partial_decryption_with_another_key_or_for_another_election_is_refused() -> None:
    keys = single(2)
    tally = tally_of(keys.trustees.verify(), 1, 0)
    decryption = decrypt_partially(tally, "phi", keys.private[1])
    decryption.verify(tally, "phi", keys.trustees.public_key_of(1))
    assert reason(lambda: decryption.verify(tally, "phi", keys.trustees.public_key_of(2))) is Reason.DECRYPTION_PROOF
    assert reason(lambda: decryption.verify(tally, "psi", keys.trustees.public_key_of(1))) is Reason.DECRYPTION_PROOF
    short = replace(decryption, factors=((),))
    assert reason(lambda: short.verify(tally, "phi", keys.trustees.public_key_of(1))) is Reason.DECRYPTION_SHAPE


def test_a_key_that_cancels_the_others_has_no_proof() -> None:
    """A rogue trustee publishes X - (the others' keys); they cannot prove to know its private key."""
    honest, rogue = trustee_key(SYSTEM.scalar()), SYSTEM.scalar()
    cancelling = replace(trustee_key(rogue), public_key=subtract(base(rogue), honest.public_key))
    assert reason(Trustees((Single(honest), Single(cancelling))).verify) is Reason.TRUSTEE_PROOF


def test_owners_are_numbered_through_the_list() -> None:
    keys = threshold(1, 2)
    trustees = Trustees((*single(1).trustees.items, *keys.trustees.items))
    assert len(trustees.public_keys) == 3
    assert reason(lambda: trustees.public_key_of(4)) is Reason.OWNER
    assert reason(lambda: trustees.public_key_of(0)) is Reason.OWNER


# Lies in key generation


def test_honest_trustees_agree(people: list[Trustee], certificates: list[SignedMessage], shares: list[Shares]) -> None:
    finished = [person.finish(certificates, NEEDED, shares) for person in people]
    made = pedersen.assemble(certificates, NEEDED, shares, [item.public_key for item in finished])
    assert Pedersen.from_json(json.loads(canonical(made.as_json()))) == made
    secret = sum(lagrange(i, (1, 2, 3)) * finished[i - 1].private_key for i in (1, 2, 3)) % ORDER
    assert base(secret) == made.verify()


def test_a_false_share_is_found_by_its_recipient_who_names_the_liar(
    people: list[Trustee], certificates: list[SignedMessage], shares: list[Shares]
) -> None:
    liar, victim = people[1], people[3]
    lie = send(canonical({"secret": "5"}).decode(), liar.signing_key, base(victim.decryption_key))
    secrets = (*shares[1].secrets[:3], lie, *shares[1].secrets[4:])
    sent = [shares[0], replace(shares[1], secrets=secrets), *shares[2:]]
    with pytest.raises(Refused) as refused:
        victim.finish(certificates, NEEDED, sent)
    assert refused.value.reason is Reason.TRUSTEE_SHARE
    assert "trustee 2" in refused.value.where
    people[0].finish(certificates, NEEDED, sent)


def test_a_share_for_someone_else_or_from_someone_else_is_refused(
    people: list[Trustee], certificates: list[SignedMessage], shares: list[Shares]
) -> None:
    misdirected = [replace(shares[0], secrets=shares[0].secrets[::-1]), *shares[1:]]
    assert reason(lambda: people[0].finish(certificates, NEEDED, misdirected)) is Reason.CHANNEL
    forged = [replace(shares[0], secrets=shares[1].secrets), *shares[1:]]
    assert reason(lambda: people[2].finish(certificates, NEEDED, forged)) is Reason.TRUSTEE_SIGNATURE


def test_commitments_of_another_degree_are_refused(
    people: list[Trustee], certificates: list[SignedMessage], shares: list[Shares]
) -> None:
    longer = Coefficients(tuple(base(SYSTEM.scalar()) for _ in range(NEEDED + 1)))
    key = people[2].signing_key
    words = pedersen.agreement(certificates, longer)
    sent = replace(
        shares[2],
        coefficients=sign(canonical(longer.as_json()).decode(), key),
        signature=sign(words, key).signature,
    )
    lying = [*shares[:2], sent, *shares[3:]]
    assert reason(lambda: people[0].finish(certificates, NEEDED, lying)) is Reason.TRUSTEE_SHARE


def test_a_server_that_shows_trustees_different_certificates_is_found(people: list[Trustee]) -> None:
    """It swaps in a trustee of its own for some of them: signatures over the list of certificates differ."""
    certificates = [person.certificate(SIZE, NEEDED, index) for index, person in enumerate(people, 1)]
    mole = Trustee.new()
    others = [*certificates[:4], mole.certificate(SIZE, NEEDED, 5)]
    shares = [person.share(certificates, NEEDED) for person in people[:4]]
    shares.append(people[4].share(certificates, NEEDED))
    shares[1] = people[1].share(others, NEEDED)
    assert reason(lambda: people[0].finish(certificates, NEEDED, shares)) is Reason.TRUSTEE_SIGNATURE


def test_certificates_out_of_place(people: list[Trustee], certificates: list[SignedMessage]) -> None:
    assert reason(lambda: people[0].share(certificates[::-1], NEEDED)) is Reason.TRUSTEE_SHARE
    assert reason(lambda: people[0].share(certificates, NEEDED - 1)) is Reason.TRUSTEE_SHARE
    assert reason(lambda: Trustee.new().share(certificates, NEEDED)) is Reason.TRUSTEE_SHARE
    assert reason(lambda: people[0].share(certificates, SIZE + 1)) is Reason.TRUSTEE_SHARE
    again = [person.certificate(2, 1, index) for index, person in enumerate([people[0], people[0]], 1)]
    assert reason(lambda: people[0].share(again, 1)) is Reason.TRUSTEE_SHARE


@pytest.mark.parametrize("part", ["pok", "signature", "public_key"])
def test_a_false_verification_key_is_refused(part: str) -> None:
    (made,) = threshold(2, 3).trustees.items
    assert isinstance(made, Pedersen)
    key = made.verification_keys[1]
    wrong = {
        "pok": (replace(key, proof=Proof(1, 2)), Reason.TRUSTEE_PROOF),
        "signature": (replace(key, signature=None), Reason.TRUSTEE_SIGNATURE),
        "public_key": (trustee_key(SYSTEM.scalar()), Reason.TRUSTEE_SHARE),
    }[part]
    keys = (made.verification_keys[0], wrong[0], made.verification_keys[2])
    assert reason(replace(made, verification_keys=keys).verify) is wrong[1]


# The channel


def test_the_channel_opens_for_its_recipient_only() -> None:
    sender, recipient, other = SYSTEM.scalar(), SYSTEM.scalar(), SYSTEM.scalar()
    sealed = send("é secret", sender, base(recipient))
    assert receive(sealed, base(sender), recipient) == "é secret"
    assert "secret" not in sealed
    assert reason(lambda: receive(sealed, base(sender), other)) is Reason.CHANNEL
    assert reason(lambda: receive(sealed, base(other), recipient)) is Reason.TRUSTEE_SIGNATURE


def test_the_channel_refuses_what_was_altered_or_sent_on() -> None:
    sender, recipient, next_one = SYSTEM.scalar(), SYSTEM.scalar(), SYSTEM.scalar()
    sealed = json.loads(send("message", sender, base(recipient)))
    flipped = sealed | {"data": ("0" if sealed["data"][0] != "0" else "1") + sealed["data"][1:]}
    assert reason(lambda: receive(canonical(flipped).decode(), base(sender), recipient)) is Reason.CHANNEL
    older = sealed | {"algorithm": "AES-CCM"}
    assert reason(lambda: receive(canonical(older).decode(), base(sender), recipient)) is Reason.UNSUPPORTED
    # the recipient re-encrypts the sender's signed message to someone else
    shared = subtract(group.point(sealed["beta"]), multiply(recipient, group.point(sealed["alpha"])))
    shift = Ciphertext(
        group.point(sealed["alpha"]), group.add(multiply(next_one, group.point(sealed["alpha"])), shared)
    )
    forwarded = sealed | {"beta": group.text(shift.beta)}
    assert reason(lambda: receive(canonical(forwarded).decode(), base(sender), next_one)) is Reason.CHANNEL


def test_seeds_are_checked_and_not_shown() -> None:
    assert Trustee.new().seed not in repr(Trustee.new())
    assert reason(lambda: Trustee("short")) is Reason.MALFORMED
    trustee = Trustee.new()
    assert trustee.seed not in repr(trustee)


@pytest.mark.parametrize("number", [0, 1, 2, 99, 100])
def test_logarithms(number: int) -> None:
    assert Logarithms(100).of(base(number)) == number


@pytest.mark.parametrize("number", [-1, 122, 10**9])
def test_logarithms_beyond_the_bound(number: int) -> None:
    assert reason(lambda: Logarithms(100).of(base(number))) is Reason.RESULT
