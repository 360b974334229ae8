"""The public log over HTTP: the files that the sequencer wrote, and the verifier. Any static server does as well."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from commonweal.core.ledger import verify
from commonweal.core.portal.guards import open_to_all

# C2SP tlog-tiles: what may be asked for, and nothing else.
_SERVED = re.compile(
    r"checkpoint|vkeys|tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
    r"|document/[0-9a-f]{64}"
)
_TEXT = {"checkpoint", "vkeys"}
_FOREVER = "public, max-age=31536000, immutable"


@open_to_all
def log_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the public log. Everything but the checkpoint never changes."""
    path: Path = settings.COMMONWEAL.log / name
    if not _SERVED.fullmatch(name) or not path.is_file():
        raise Http404
    kind = "text/plain; charset=utf-8" if name in _TEXT else "application/octet-stream"
    if name.startswith("document/"):
        kind = "application/json"
    response = FileResponse(path.open("rb"), content_type=kind)
    response["Cache-Control"] = "no-cache" if name in _TEXT else _FOREVER
    response["Access-Control-Allow-Origin"] = "*"
    return response


@open_to_all
def verifier(request: HttpRequest) -> HttpResponse:
    """The independent verifier, to read and to run."""
    return HttpResponse(Path(verify.__file__).read_text("utf-8"), content_type="text/x-python; charset=utf-8")
