"""What the door raises when the policy says no."""

from __future__ import annotations

from commonweal.core.policy.actions import Action, Words


class Refused(PermissionError):
    """The policy said no. Pages and APIs show `says` (what was refused), `reason` and `ask` (whom to ask)."""

    def __init__(self, action: Action, rules: tuple[str, ...], reason: Words = "") -> None:
        super().__init__(f"{action.name} refused by {', '.join(rules) or 'default'}")
        self.action, self.rules, self.reason = action, rules, reason
        self.emergency = ""  # the page where it can be done in an emergency, where there is one

    @property
    def says(self) -> Words:
        """What was asked for, in plain words."""
        return self.action.says

    @property
    def ask(self) -> Words:
        """The office that can answer."""
        return self.action.ask
