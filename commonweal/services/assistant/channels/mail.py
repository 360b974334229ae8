"""E-mail: a message in, the reply out by the node's mail. typed.py has the conversation.

Automatic messages are never answered (RFC 3834), ours say that they are automatic, and one address gets no more than a
few until it was silent for an hour: no loop lasts. Only whoever stands in `From` is answered. Of the address a keyed
hash is kept only.
"""

from __future__ import annotations

import hashlib
import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage as Received
from email.parser import BytesParser

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.services.assistant import service
from commonweal.services.assistant.arrangements import BadArrangements, arrangements
from commonweal.services.assistant.channels import typed
from commonweal.services.assistant.engine.reading import read_html

MOST = 20  # replies to one address, until it was silent for an hour
HOUR = 3600  # seconds
LONGEST_SUBJECT = 120  # characters
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+-].*)?", re.I)
_RE = re.compile(r"^((re|aw|tr|rv|fwd?|رد)\s*:\s*)+", re.I)
_END = re.compile(
    r"^--[ ]?$"  # a signature
    r"|^-{2,}\s*(Original Message|Message d.origine|Mensaje original|الرسالة الأصلية)"
    r"|^_{10,}\s*$"
    r"|^(On|Le|El|في)\b[^\n]{0,200}(\n[^\n]{0,200})?(wrote|a écrit|escribió|كتب[^\n]{0,80})\s?:\s*$"
    r"|^(From|De|من)\s?:[^\n]*\n(Sent|Date|Envoyé|Enviado|Fecha|تاريخ)[^\n]*:"
    r"|^(Sent from my|Envoyé de mon|Envoyé depuis|Enviado desde|أُرسلت من)\b",
    re.M | re.I,
)


def reply_to(raw: bytes) -> bool:
    """Answer a message by the node's mail; False where none may be answered.

    Raises OSError when it cannot be sent; BadArrangements where nobody arranged from which address.
    """
    ours = arrangements().mail
    if not ours:
        raise BadArrangements('name the address that people write to in assistant.toml: [mail] address = "..."')
    message = BytesParser(policy=policy.default).parsebytes(raw)
    sender = _sender(message, (ours, settings.DEFAULT_FROM_EMAIL))
    if sender is None or is_automatic(message) or not _few_enough(sender):
        return False
    subject = _RE.sub("", " ".join(str(message.get("Subject", "")).split()))[:LONGEST_SUBJECT]
    known_as = str(message.get("Message-ID", "")).strip()
    key = hashlib.sha256(known_as.encode()).hexdigest() if known_as else ""
    answer = typed.answer(sender, words_of(message) or subject, "mail", key)
    with override(answer.line.language):
        text = f"{answer.text}\n\n-- \n{_('A machine answers this address. Reply to go on; write 9 for a person.')}"
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if known_as and "\n" not in known_as:
        headers |= {"In-Reply-To": known_as, "References": known_as}
    EmailMessage(f"Re: {subject}", text, ours, [sender], headers=headers).send()
    service.note_line(sender, answer.line)
    return True


def is_automatic(message: Received) -> bool:
    """Whether a machine sent it: a reply to it could come back without end."""
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().casefold()
    precedence = str(message.get("Precedence", "")).strip().casefold()
    return (
        said != "no"
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or any(name in message for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Loop"))
        or str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() in ("multipart/report", "message/delivery-status")
    )


def words_of(message: Received) -> str:
    """What the person wrote now: no signature, nothing that was quoted."""
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, ValueError, KeyError):  # an alphabet that nobody knows
        return ""
    if body.get_content_type() == "text/html":
        text = read_html(text).text
    text = text.replace("\r\n", "\n").replace("\xa0", " ")
    if found := _END.search(text):
        text = text[: found.start()]
    text = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">")).strip()
    first = text.partition("\n")[0].strip()
    return first if first.isdecimal() or first.casefold() in typed.LANGUAGES else text  # "1", and then a greeting


def _sender(message: Received, ours: tuple[str, ...]) -> str | None:
    """The one address in `From`, unless it is a machine's or one of ours."""
    addresses: tuple[Address, ...] = getattr(message.get("From"), "addresses", ())
    if len(addresses) != 1 or not addresses[0].username or not addresses[0].domain:
        return None
    address = addresses[0].addr_spec
    machine = _MACHINES.fullmatch(addresses[0].username)
    return None if machine or address.casefold() in [one.casefold() for one in ours] else address


def _few_enough(sender: str) -> bool:
    key = f"mail|{salted_hmac('assistant.mail', sender.casefold(), algorithm='sha256').hexdigest()}"
    count = int(cache.get(key, 0)) + 1
    cache.set(key, count, HOUR)
    return count <= MOST
