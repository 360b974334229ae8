"""Compiles the portal's style sheets and gathers its scripts: `python -m commonweal.core.portal.build_styles`.

Needs `node`, the packages of package.json, and django-allauth; not a configured Django. Does nothing when no input has
changed since the last run.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

PORTAL = Path(__file__).parent
ROOT = PORTAL.parents[2]
PACKAGES = ROOT / "node_modules"
SCSS = PORTAL / "scss"
BUILD = PORTAL / "static" / "portal" / "build"
SCRIPT = PACKAGES / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.js"
# Four small scripts that only the passkey pages need become one, because each request costs a slow connection most.
PASSKEY_SCRIPTS = (
    "mfa/static/mfa/js/webauthn-json.js",
    "mfa/static/mfa/js/webauthn.js",
    "account/static/account/js/onload.js",
)
OUTPUTS = ("portal.css", "portal.rtl.css", "govuk-frontend.min.js", "passkeys.js")

# GOV.UK Frontend takes these from its palette, where no setting reaches them.
BRAND_FOR_PALETTE_BLUE = {"#d2e2f1": "#d6e8e5", "#f4f8fb": "#eef5f3", "#0f385c": "#083a3f"}
FORBIDDEN = {
    "@use": "Sass left its own source in the output; use npm's sass, not libsass",
    "#1d70b8": "the blue of another government's brand",
    "crest": "a state emblem that is not ours",
    "crown": "a state emblem that is not ours",
    "GDS Transport": "a typeface that is licensed to gov.uk only",
}
SMALLEST_PLAUSIBLE = 30_000


class BuildError(Exception):
    """The style sheets cannot be built; the message says why and what to do."""


def build() -> bool:
    """Brings `static/portal/build/` up to date.

    Returns: True if it was built, False if it was current already.
    Raises: BuildError if node or a package is missing, Sass fails, or the output breaks a rule of our brand.
    """
    inputs = fingerprint()
    stamp = BUILD / "inputs.sha256"
    if stamp.exists() and stamp.read_text() == inputs and all((BUILD / name).exists() for name in OUTPUTS):
        return False
    BUILD.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    css = compile_scss()
    check(css)
    (BUILD / "portal.css").write_text(css)
    node("rtlcss/bin/rtlcss.js", str(BUILD / "portal.css"), str(BUILD / "portal.rtl.css"))
    shutil.copyfile(SCRIPT, BUILD / SCRIPT.name)
    (BUILD / "passkeys.js").write_text("\n;".join(path.read_text() for path in passkey_scripts()))
    stamp.write_text(inputs)
    return True


def fingerprint() -> str:
    """SHA-256, in hex, over everything that the output depends on."""
    lock = ROOT / "package-lock.json"
    if not SCRIPT.exists() or not lock.exists():
        raise BuildError(f"{SCRIPT.parent} is missing: run `npm ci` in {ROOT}")
    digest = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes())
    for source in (*sorted(SCSS.glob("*.scss")), *passkey_scripts()):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def passkey_scripts() -> list[Path]:
    """allauth's scripts for passkeys, then ours that says when one failed."""
    package = find_spec("allauth")
    if package is None or not package.submodule_search_locations:
        raise BuildError("django-allauth is not installed: run `pip install -r requirements.txt`")
    allauth = Path(package.submodule_search_locations[0])
    return [*(allauth / name for name in PASSKEY_SCRIPTS), PORTAL / "static" / "portal" / "passkeys.js"]


def compile_scss() -> str:
    options = ("--style=compressed", "--no-source-map", "--quiet-deps", f"--load-path={PACKAGES}")
    css = node("sass/sass.js", *options, str(SCSS / "portal.scss"))
    for blue, ours in BRAND_FOR_PALETTE_BLUE.items():
        css = css.replace(blue, ours)
    return css


def check(css: str) -> None:
    """Raises BuildError if the style sheet is truncated or carries another government's brand."""
    if len(css) < SMALLEST_PLAUSIBLE:
        raise BuildError(f"the style sheet has only {len(css)} characters, at least {SMALLEST_PLAUSIBLE} were expected")
    for text, why in FORBIDDEN.items():
        if re.search(re.escape(text), css, re.IGNORECASE):
            raise BuildError(f"the style sheet contains {text!r}: {why}")


def node(script: str, *arguments: str) -> str:
    """Runs a script of an npm package and returns what it prints."""
    try:
        done = subprocess.run(
            ["node", str(PACKAGES / script), *arguments], capture_output=True, text=True, check=True, cwd=ROOT
        )
    except FileNotFoundError as missing:
        raise BuildError("`node` is not on the path: install Node.js 20 or later") from missing
    except subprocess.CalledProcessError as failed:
        raise BuildError(f"{script} failed:\n{failed.stderr}") from failed
    return done.stdout


if __name__ == "__main__":
    try:
        print("Portal styles built." if build() else "Portal styles are current.")
    except BuildError as error:
        raise SystemExit(f"Portal styles: {error}") from error
