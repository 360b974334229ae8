"""Voting that anyone can verify: elections and polls of the town, from a draft to a proved result.

For residents, who vote from home; for the officers who hold elections; for trustees, who decrypt the tally together;
for observers, who check everything with software that we did not write. Protocol and record are those of Belenios
version 1 over Ed25519. Roles are processes of their own (docs/voting.md): this room is the administrator's and the
identity role's; `box/` is the ballot server, `roles/` the credential authority and the trustees, `booth/` the page in
which a ballot is made, `engine/` the science.
"""
