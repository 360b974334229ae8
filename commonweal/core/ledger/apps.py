from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "commonweal.core.ledger"
    label = "ledger"

    def ready(self) -> None:
        from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chains
        from commonweal.core.ledger.sealed import SEALED_CHAIN, SEALED_LABEL

        of_the_node = [(NODE_CHAIN, NODE_LABEL), (SEALED_CHAIN, SEALED_LABEL)]
        post_migrate.connect(
            lambda **_: open_chains(of_the_node), sender=self, weak=False, dispatch_uid="open-node-chains"
        )
