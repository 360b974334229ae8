"""How every benchmark reports: a readable table, then one line of JSON."""

from __future__ import annotations

import json
import platform


def report(
    name: str,
    rows: list[tuple[str, str, str]],
    *,
    ours: float,
    unit: str,
    goal: float,
    peer: float | None,
    peer_name: str,
    conditions: str,
) -> None:
    """Print the table and the JSON line: name, ours, unit, goal, peer, peer_name, ratio, conditions."""
    width = max(len(what) for what, _, _ in rows)
    print(f"\n{name}")
    for what, figure, wanted in rows:
        print(f"  {what:<{width}}  {figure:>14}   {wanted}")
    print(
        json.dumps(
            {
                "name": name,
                "ours": round(ours, 3),
                "unit": unit,
                "goal": goal,
                "peer": round(peer, 3) if peer is not None else None,
                "peer_name": peer_name,
                "ratio": round(ours / peer, 3) if peer else None,
                "conditions": f"{platform.machine()}, Python {platform.python_version()}; {conditions}",
            }
        )
    )
