"""The bundle: the same bytes every time, third-party files untouched, light, and complete in every language."""

from __future__ import annotations

import base64
import gzip
import json
import posixpath
import re
import subprocess
from pathlib import Path

import pytest

from commonweal.services.voting.booth import FOLDER, VENDOR, build, bundle, bundle_hash

LIMIT = 220 * 1024
LANGUAGES = ("en", "fr", "es", "ar")
GAPS = re.compile(r"\{\w+\}")


def texts(language: str, folder: str = "") -> dict[str, str]:
    written: dict[str, str] = json.loads(bundle()[f"{folder}texts/{language}.json"])
    return written


def scripts() -> str:
    return "\n".join(
        content.decode() for name, content in bundle().items() if name.endswith(".js") and "vendor" not in name
    )


def test_the_hash_is_that_of_sha256sum() -> None:
    command = "find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"
    run = subprocess.run(command, shell=True, cwd=FOLDER, capture_output=True, text=True, check=True)  # noqa: S602
    assert run.stdout.split()[0] == bundle_hash()


def test_building_again_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path)
    build.build()
    built = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert built == {
        path.relative_to(VENDOR).as_posix(): path.read_bytes() for path in VENDOR.rglob("*") if path.is_file()
    }


def test_libsodium_is_the_packages_own() -> None:
    """Putting the WebAssembly back where it was cut out gives the file of the package."""
    files = bundle()
    text = base64.b64encode(files["vendor/libsodium.wasm"])
    script = files["vendor/libsodium.mjs"]
    packaged = (build.PACKAGES / build.SODIUM).read_bytes()
    cut = packaged.index(text)
    assert script[:cut] + text + script[cut:] == packaged
    assert script[cut - 1 : cut + 1] == b'""'


def test_a_package_of_another_form_is_refused() -> None:
    with pytest.raises(build.BuildError, match="holds 0"):
        build.split_sodium(b"nothing like it")


def test_the_booth_is_light() -> None:
    """All that voters may ever load; the trustees' own modules, in the same bundle, no voter's page names."""
    booth = [content for name, content in bundle().items() if not name.startswith("trustee/")]
    assert sum(len(gzip.compress(content, 9)) for content in booth) <= LIMIT
    assert not [name for name in imported("booth.js", set()) | imported("check.js", set()) if "trustee" in name]


@pytest.mark.parametrize("folder", ["", "trustee/"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_in_every_language(language: str, folder: str) -> None:
    english, translated = texts("en", folder), texts(language, folder)
    assert list(translated) == list(english)
    for name, words in translated.items():
        assert words.strip(), name
        assert sorted(GAPS.findall(words)) == sorted(GAPS.findall(english[name])), name
        if language != "en" and len(english[name]) > 12:
            assert words != english[name], name


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """Names that are put together at run time are known by their beginning."""
    named = set(re.findall(r"""['"`]((?:[a-z]+\.)?[a-z_]+)['"`]""", scripts()))
    written_together = (
        r"`((?:status|unusable|found|limit|question|refused|left|checked|certificate|error|progress|ready)\.)\$\{"
    )
    beginnings = (*set(re.findall(written_together, scripts())), "shuffle.", "decrypt.")
    written = set(texts("en")) | set(texts("en", "trustee/"))
    assert {name for name in written if name not in named and not name.startswith(beginnings)} == set()
    asked = re.findall(r"\bt\(\s*'([a-z_.]+)'", scripts())
    assert set(asked) <= written


def test_no_script_reads_text_as_markup_or_stores_a_secret() -> None:
    """What the page keeps is written in one module, and nothing writes HTML."""
    ours = {name: content.decode() for name, content in bundle().items() if name.endswith(".js")}
    ours = {name: content for name, content in ours.items() if not name.startswith("vendor/")}
    assert not [
        name for name, content in ours.items() if re.search(r"innerHTML|outerHTML|eval\(|document\.write", content)
    ]
    keeping = {
        name for name, content in ours.items() if re.search(r"localStorage|sessionStorage|indexedDB|cookie", content)
    }
    assert keeping == {"election/kept.js"}
    assert {name for name, content in ours.items() if "fetch(" in content} == {
        "crypto/sodium.js",
        "election/box.js",
        "page/texts.js",
    }


def imported(name: str, found: set[str]) -> set[str]:
    """The module and all that it imports, directly or not."""
    if name not in found:
        found.add(name)
        for path in re.findall(r"^(?:import\b|\}) ?[^;']*?'(\.[^']+)'", bundle()[name].decode(), re.MULTILINE):
            imported(posixpath.normpath(posixpath.join(posixpath.dirname(name), path)), found)
    return found


def test_a_voters_page_loads_all_its_modules_at_once() -> None:
    """No module waits until another that imports it has arrived: a slow connection pays for each such step."""
    preloaded = re.findall(r'rel="modulepreload" href="([^"]+)"', bundle()["index.html"].decode())
    assert set(preloaded) == imported("booth.js", set())
