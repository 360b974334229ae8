"""Erasing what must go: single entries, or everything about a person, so that the log still verifies and nothing links.

Also the other side of the same small interface: handing a person everything that the node holds about them. Each room
that keeps personal data has a `person_data.py` with `held(person)` and `erase(person)`. GDPR Art. 15, 17 and 20.
"""
