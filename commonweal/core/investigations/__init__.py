"""Lawful investigations: data used under seal, so that the person learns of it only on a set day.

An investigator names an order and the day on which the seal ends. Until then the entry stands in the node's sealed
chain and nowhere else; on that day it joins the person's own record. Auditors see how many there are and that none is
late; the investigator's own agency sees those of each order. docs/hard-cases.md says what this promises.
"""
