"""The evidence of every act and the public log that proves it.

`commonweal.core.act` writes evidence; the sequencer turns pending leaves into dense log positions and publishes
C2SP tiles and checkpoints; anyone verifies with `verify.py` alone. Standards: RFC 6962 hashing, C2SP tlog-tiles,
tlog-checkpoint, signed-note, tlog-cosignature. What is written where: docs/architecture.md.
"""
