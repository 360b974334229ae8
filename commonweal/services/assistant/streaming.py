"""The answer to a script as server-sent events: each thing as soon as it is there.

    said      a message of the conversation, as the page shows it
    sources   where the words of the last one stand
    standing  who has the word, and what can be done now
    key       of the next form
    plainer   the place for plainer words, then `sentence` for each one that passes the check
    done      everything has come

What was asked and answered is stored, with its evidence, before the first event leaves.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape

from commonweal.core.portal.guards import ActingRequest
from commonweal.services.assistant import service
from commonweal.services.assistant.values import Talk


def answer(request: ActingRequest, talk: Talk, standing: dict[str, object]) -> StreamingHttpResponse:
    """What is new in the conversation since the page that the script has."""
    response = StreamingHttpResponse(_events(request, talk, standing), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["Content-Encoding"] = "identity"  # compressed, the events would wait for each other
    response["X-Accel-Buffering"] = "no"  # and so in a proxy
    return response


def _events(request: ActingRequest, talk: Talk, standing: dict[str, object]) -> Iterator[str]:
    """Rendered before the response begins, in the reader's language; only the plainer words come later."""
    seen = request.POST.get("seen", "")
    new = talk.said[int(seen) if seen.isascii() and seen.isdecimal() else 0 :]

    def rendered(template: str, **more: object) -> str:
        return render_to_string(f"assistant/{template}.html", standing | {"could_be_plainer": False} | more, request)

    reply = new[-1].reply if new else None
    ready = [_event("said", rendered("said", said=said, last=said is new[-1], unsourced=True)) for said in new]
    if reply:
        ready.append(_event("sources", rendered("sources", said=new[-1])))
    ready += [_event("standing", rendered("standing")), _event("key", str(standing["key"]))]
    language = reply.citations[0].language if reply and reply.citations else ""
    place = _event("plainer", rendered("plainer", language=language))
    sentences = service.plainly(request.actor, talk.id)

    def events() -> Iterator[str]:
        yield from ready
        for at, sentence in enumerate(sentences):
            if at == 0:
                yield place
            yield _event("sentence", escape(sentence))
        yield _event("done", "")

    return events()


def _event(name: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
