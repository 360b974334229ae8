"""Elections and polls that anyone can verify: residents vote from home, the tally is proved, and everyone can check the
whole record with software that we did not write. Protocol and record are Belenios version 1 over Ed25519; `engine` is
that protocol as a library without Django.
"""
