"""What is handed in and does not fit: refused in words that name the place and the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commonweal.commands import voting as voting_command
from commonweal.services.voting import records, rolls, service
from commonweal.services.voting.engine.credentials import base58
from commonweal.services.voting.engine.encoding import canonical, parse
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import authority, trustee
from commonweal.services.voting.values import Draft, RollLine
from tests import town
from tests.services.voting.life import NODE, begin, keys

pytestmark = pytest.mark.django_db
DRAFT = {
    "name": "Parks", "opens": "2026-05-01T06:00:00Z", "closes": "2026-05-02T06:00:00Z", "box": "https://vote.example",
    "questions": [{"question": "Which?", "answers": ["A", "B"]}],
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The draft with one field changed, or taken away by None."""
    draft = json.loads(json.dumps(DRAFT))
    inside, _, name = path.rpartition("/")
    place = draft["questions"][0] if inside else draft
    place.pop(name, None)
    if value is not None:
        place[name] = value
    return draft


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("name", None, "lacks name"), ("box", 8002, "box.*a string"), ("questions", "Which?", "questions.*a list"),
        ("questions/answers", "Yes", "answers.*a list"), ("questions/question", None, "lacks question"),
        ("questions/order", "Drawn", "order.*listed or drawn"), ("questions/blank", "no", "blank.*true or false"),
        ("questions/min", "one", "min.*whole number"), ("binding", "false", "binding.*true or false"),
        ("opens", "2026-05-01T06:00:00", "opens.*with its zone"), ("closes", "May", "closes.*with its zone"),
        ("board_every", 0.5, "board_every.*whole number"), ("texts", [], "texts.*an object"),
    ],
)  # fmt: skip
def test_a_draft_names_the_field_that_is_wrong(path: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Draft.from_json(changed(path, value))


def test_a_board_that_would_grow_all_the_time_is_refused_as_a_draft() -> None:
    with pytest.raises(ValueError, match="every 5 seconds"):
        service.draft(NODE, Draft.from_json(changed("board_every", 1)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "first line"), ("identifier,name\n1,Ada\n", "first line"), ("identifier,name,delivery\n", "first line"),
        ("identifier,name,delivery\n700101-1,Ada\n", "Line 2.*delivery"),
        ("identifier,name,delivery\n700101-1,Ada,Lane\n700101-1,,Lane\n", "Line 3.*name"),
        (f"identifier,name,delivery\n700101-1,{'A' * 251},Lane\n", "Line 2.*250.*name"),
        ("identifier,name,delivery\nnobody,Ada,Lane\n", "Line 2: nobody"),
    ],
)  # fmt: skip
def test_a_roll_names_the_line_that_is_wrong(text: str, says: str) -> None:
    town.register(town.entry("Ada", "Voter", identifier="700101-1"))
    with pytest.raises(ValueError, match=says):
        rolls.read(text)


def test_a_roll_from_a_spreadsheet_is_read() -> None:
    (ada,) = town.register(town.entry("Ada", "Voter", identifier="700101-1"))
    (line,) = rolls.read("\ufeffidentifier,name,delivery\r\n700101-1,Ada,Lane\r\n")
    assert (line.person.id, line.name, line.delivery) == (ada.id, "Ada", "Lane")


def test_codes_and_keys_of_another_election_are_not_frozen(tmp_path: Path) -> None:
    life = begin(tmp_path / "one", voters=1)
    draft = service.draft(NODE, service.standing(life.uuid).draft)
    (person,) = town.register(town.entry("Ada", "Voter"))
    service.enter_roll(NODE, draft, [RollLine(person, "Ada", "Lane")])
    foreign_codes = json.loads((life.folder / "authority/credentials.json").read_text())
    (foreign_key,) = [json.loads(path.read_text()) for path in (life.folder / "trustee1").glob("single-*")]
    own_keys, _ = keys(tmp_path / "two", draft, None)
    with pytest.raises(Refused, match=r"authority's file.*uuid"):
        service.freeze(NODE, draft, own_keys, foreign_codes)
    with pytest.raises(Refused, match=r"trustee's file 2.*uuid"):
        service.freeze(NODE, draft, [*own_keys, foreign_key], foreign_codes)
    with pytest.raises(Refused, match="same key twice"):
        service.freeze(NODE, draft, own_keys * 2, foreign_codes)


@pytest.mark.parametrize("file", [[], {}, {"move": "single"}, "words", {"move": "x", "index": 1, "uuid": "u"}])
def test_what_is_no_file_of_a_trustee_or_the_authority(file: Any) -> None:
    uuid = base58(14)
    with pytest.raises(Refused, match="trustee's file 1"):
        trustee.assemble(uuid, [file])
    with pytest.raises(Refused, match="authority's file"):
        authority.read_public(uuid, file)


def test_codes_that_were_kept_before_votes_had_weights_are_sent_again(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    codes = tmp_path / "authority" / authority.CODES
    kept = json.loads(codes.read_text())
    older = {label: line[:3] for label, line in kept["voters"].items()}
    codes.write_bytes(canonical(kept | {"voters": older}))
    (letter,) = authority.letters(tmp_path / "authority", life.package, [life.labels[1]])
    assert life.code(1) in letter.read_text("utf-8")


def test_whoever_leaves_a_draft_needs_no_code_and_may_come_back(tmp_path: Path) -> None:
    uuid = service.draft(NODE, Draft.from_json(DRAFT))
    (person,) = town.register(town.entry("Ada", "Voter"))
    service.enter_roll(NODE, uuid, [RollLine(person, "Ada", "Lane")])
    service.remove(NODE, uuid, person, "mistake")
    assert service.standing(uuid).voters == 0
    with pytest.raises(ValueError, match="moved, died"):
        service.remove(NODE, uuid, person, "whim")
    with pytest.raises(service.NotOnTheRoll):
        service.remove(NODE, uuid, person, "mistake")
    service.enter_roll(NODE, uuid, [RollLine(person, "Ada", "Lane")])
    assert service.standing(uuid).voters == 1
    with pytest.raises(service.NotNow, match="after the freeze"):
        service.code_sent(NODE, uuid)


@pytest.mark.parametrize("name", ["board_every", "shuffles", "binding", "pass_key", "order", "machines"])
def test_a_package_with_a_field_of_another_kind_is_refused_by_name(tmp_path: Path, name: str) -> None:
    package = parse(begin(tmp_path, voters=1).package.content())
    plan = parse(package["plan"].encode()) | {name: "words"}
    with pytest.raises(Refused) as refused:
        Package.read(canonical(package | {"plan": canonical(plan).decode()}))
    assert refused.value.reason is Reason.MALFORMED


def test_a_command_says_what_is_wrong_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.json").write_text("{")
    for words in (
        ["authority", "letters", str(tmp_path), str(tmp_path / "no.json")],
        ["trustee", "share", str(tmp_path), "--election", base58(14), str(tmp_path / "no.json")],
        ["audit", str(tmp_path / "no.json")],
        ["audit", str(tmp_path / "no.json"), "--plan", "0" * 64],
    ):
        assert run(words) == 1
        assert "Traceback" not in capsys.readouterr().err


def test_an_election_that_is_not_there_is_named() -> None:
    with pytest.raises(records.NoElection, match="There is no election 11111111111111"):
        service.standing("1" * 14)


def run(words: list[str]) -> int:
    parser = voting_command.argparse.ArgumentParser()
    voting_command.arguments(parser)
    return voting_command.run(parser.parse_args(words))
