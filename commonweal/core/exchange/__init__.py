"""Agencies share data in real time, and each use is provable on both sides.

The consumer's side speaks X-Road's REST protocol (PR-REST r1). Between nodes go RFC 9421 signatures over RFC 9530
digests; both nodes keep the other's signature and leaf hash, so that a one-sided omission shows. Nodes cosign each
other's logs (C2SP tlog-witness). docs/exchange.md tells how to join, offer and ask.
"""
