"""Algorithms in use: a public record of every automated or model-assisted step, and the way their advice takes.

A machine may advise; a person decides. What would worsen somebody's position becomes a case for a named officer, with
the algorithm, its reasons and its version before the officer's eyes and the person's. The records have the fields of
the UK's Algorithmic Transparency Recording Standard 2.1; each version is a document in the public log.
"""
