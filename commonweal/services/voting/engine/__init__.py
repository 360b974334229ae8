"""The science of verifiable voting: group, proofs, ballots, trustees, tally, record and audit, as pure functions.

The protocol and its record are those of Belenios version 1 over Ed25519, section numbers in docstrings are those of
its specification 3.3.0. Nothing here knows Django, the database or the node. Curve arithmetic is libsodium's; secrets
come from a `Randomness`, by default that of the operating system.
"""
