"""Acting for others: a parent for a child, a guardian, somebody with a power of attorney, an officer at a counter.

A mandate says who may act for whom, in what, from when and until when. The door asks whether it stands before the work
and again when its evidence commits, so that its end takes effect on the next request. The evidence has both names.
"""
