"""The ballot server: takes ballots, grows the board, counts nothing it could read.

A process of its own with its own folder and web origin. It knows no sessions, keeps no address and no time, and loads
neither Django nor the node.
"""
