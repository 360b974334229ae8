from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, SIGNED_IN, Row

OPERATOR = frozenset({"operator machine"})
# What machines send is read before anything is refused: a malformed id or body is told to each of them.
TOKENS = OPERATOR | {"tax machine", "survey machine"}
ROWS: dict[str, Row] = {
    "your-data/elsewhere/": Row(SIGNED_IN),
    "exchanges/": Row(frozenset({"auditor", "operator"})),
    "api/exchange/openapi.json": Row(EVERYONE),
    "api/exchange/": Row(NOBODY),
    "api/exchange/federation": Row(OPERATOR, posts=NOBODY),
    "api/exchange/exchanges": Row(OPERATOR, posts=NOBODY),
    "api/exchange/witnesses": Row(OPERATOR, posts=NOBODY),
    "api/exchange/services": Row(OPERATOR, posts=NOBODY),
    "api/exchange/subscriptions": Row(OPERATOR, posts=TOKENS),
    "api/exchange/subscriptions/<subscription_id>": Row(TOKENS, posts=NOBODY),
    "api/exchange/subscriptions/<subscription_id>/replay": Row(NOBODY, posts=TOKENS),
    "api/exchange/subscriptions/<subscription_id>/dead-letters": Row(TOKENS, posts=NOBODY),
}
