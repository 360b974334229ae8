"""Proving presence with a code by mail, for accounts that have nothing stronger."""
from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from django.http import HttpRequest

from commonweal.core.identity import models

KEY = "presence"
VALID_SECONDS = 600
ATTEMPTS = 3


def begin(request: HttpRequest, code: str) -> None:
    """Remember the code that was mailed."""
    request.session[KEY] = {"code": code, "at": time.time(), "left": ATTEMPTS}


def waiting(request: HttpRequest) -> bool:
    """Whether a mailed code can still be entered in this session."""
    state: Any = request.session.get(KEY)
    return bool(state) and state["left"] > 0 and time.time() - state["at"] <= VALID_SECONDS


def prove(request: HttpRequest, account: models.Account, typed: str) -> bool:
    """True when the code is right; presence is fresh from then on. Each code may be tried three times."""
    if not waiting(request):
        return False
    state = request.session[KEY]
    if not compare_user_code(actual=typed, expected=state["code"]):
        request.session[KEY] = state | {"left": state["left"] - 1}
        return False
    del request.session[KEY]
    record_authentication(request, account, method="code", reauthenticated=True)
    return True
