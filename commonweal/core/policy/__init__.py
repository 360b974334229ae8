"""Why data may be used, and the written rules that decide it.

Actions and purposes are declared by each room in its `service.py`; rules are Cedar policies in each room's
`policy.cedar`; the node publishes the rules it decides by as a document in its public log. Deny by default.
"""
