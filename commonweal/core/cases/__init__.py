"""Work that needs a human: queues, due dates, hand-overs, decisions with reasons, notices to people, appeals.

A service declares a case type in its `service.py` and opens cases with a plain function; officers work them off here,
and what the service does on acceptance commits together with the decision, in one act. Nothing automated decides.
"""
