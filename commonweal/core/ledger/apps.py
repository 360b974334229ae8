from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "commonweal.core.ledger"
    label = "ledger"

    def ready(self) -> None:
        from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain

        post_migrate.connect(
            lambda **_: open_chain(NODE_CHAIN, NODE_LABEL), sender=self, weak=False, dispatch_uid="open-node-chain"
        )
