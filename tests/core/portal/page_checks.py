"""Checks that hold for every page of a node, each a function that returns the faults it found, in words.

    assert axe(page) == []

`page` is a Playwright page that has loaded; `html` is the page's source.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Page, Playwright, Request

PACKAGES = Path(__file__).parents[3] / "node_modules"
AXE = PACKAGES / "axe-core/axe.min.js"
VNU = PACKAGES / "vnu-jar/build/dist/vnu.jar"
CHROMIUM = shutil.which("chromium")
JAVA = shutil.which("java")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# GOV.UK Frontend's own markup says these twice, for screen readers that need it.
ACCEPTED_WARNINGS = (
    "The “group” role is unnecessary for element “fieldset”.",
    "Attribute “aria-hidden” is unnecessary for elements that have attribute “hidden”.",
)
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": WCAG},
    "resultTypes": ["violations"],  # a quarter of the time: what passes is not described
    "preload": False,  # no page has a sound, a film or a foreign style sheet
}
NARROWEST = 320
SMALLEST_TARGET = 24
FIRST_VIEW = 50 * 1024
FIRST_VIEW_REQUESTS = 6

Faults = list[str]


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)


def axe(page: Page) -> Faults:
    """What axe-core finds for WCAG 2.2 AA and its best practices."""
    # Injected by the debugger, which the page's content security policy does not bind.
    page.evaluate(AXE.read_text())
    found = page.evaluate("options => axe.run(options).then((results) => results.violations)", AXE_OPTIONS)
    return [f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})" for one in found for node in one["nodes"]]


def reflow(page: Page) -> Faults:
    """At 320 CSS pixels nothing makes the page scroll sideways (WCAG 1.4.10)."""
    before = page.viewport_size
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    page.evaluate(_LAID_OUT)
    faults: Faults = page.evaluate(_TOO_WIDE)
    if before:
        page.set_viewport_size(before)
        page.evaluate(_LAID_OUT)
    return faults


# Two frames later the scripts that answer to the width have done so.
_LAID_OUT = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  const visible = (box) => box.width > 1 && box.height > 1
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect()
    return visible(box) && (box.right > width + 1 || box.left < -1)
  })
  return wide.slice(0, 5).map((element) => `too wide: ${element.outerHTML.slice(0, 120)}`)
    .concat(wide.length ? [] : ['the page scrolls sideways'])
}"""


def target_sizes(page: Page) -> Faults:
    """Targets are at least 24 by 24 CSS pixels, or have that much room around them, or stand in a sentence (2.5.8)."""
    faults: Faults = page.evaluate(_SMALL_TARGETS, SMALLEST_TARGET)
    return faults


_SMALL_TARGETS = """(smallest) => {
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false }))
    .map((element) => {
      const label = ['checkbox', 'radio', 'file'].includes(element.type) && element.labels && element.labels[0]
      const boxes = [element, label].filter(Boolean).map((one) => one.getBoundingClientRect())
      return { element, width: Math.max(...boxes.map((b) => b.width)), height: Math.max(...boxes.map((b) => b.height)),
        x: boxes[0].x + boxes[0].width / 2, y: boxes[0].y + boxes[0].height / 2 }
    })
    .filter((target) => target.width > 1 && target.height > 1)
  const inSentence = ({ element }) => {
    const style = getComputedStyle(element)
    const block = element.closest('p, li, dd, td, h1, h2, h3, h4, label, legend, figcaption')
    return style.display === 'inline' && block && block.textContent.trim().length > element.textContent.trim().length
  }
  const hasRoom = (target) => targets.every((other) => other === target ||
    Math.hypot(other.x - target.x, other.y - target.y) >= smallest)
  return targets
    .filter((target) => target.width < smallest || target.height < smallest)
    .filter((target) => !inSentence(target) && !hasRoom(target))
    .map(({ element, width, height }) => `too small, ${width} by ${height}: ${element.outerHTML.slice(0, 120)}`)
}"""


def keyboard_path(page: Page) -> Faults:
    """Tab reaches everything that can be used, in the order of the page, visibly, and never gets stuck."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    expected: list[str] = page.evaluate(_NUMBER_FOCUSABLE)
    page.evaluate("getSelection().removeAllRanges(); document.body.tabIndex = -1; document.body.focus()")
    page.evaluate(_NOTE_STOPS)
    for _ in range(len(expected) + 2):
        page.keyboard.press("Tab")
    stops: list[dict[str, Any] | None] = page.evaluate("window.stopNoting()")
    faults: Faults = []
    reached: list[int] = []
    for stop in stops:
        if stop is None or stop["number"] in reached:
            break
        reached.append(stop["number"])
        if not stop["shown"]:
            faults.append(f"focus cannot be seen: {stop['html']}")
    faults += [f"not reached by Tab: {html}" for number, html in enumerate(expected) if number not in reached]
    if reached != sorted(reached):
        faults.append("the focus jumps: its order is not that of the page")
    return faults


_NUMBER_FOCUSABLE = """() => {
  const usable = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled &&
      element.type !== 'hidden' && element.tabIndex >= 0)
  const groups = new Set()
  const stops = usable.filter((element) => {
    if (element.type !== 'radio') return true
    const group = [...usable].filter((other) => other.type === 'radio' && other.name === element.name)
    const stop = group.find((other) => other.checked) || group[0]
    return element === stop && !groups.has(element.name) && groups.add(element.name)
  })
  stops.forEach((element, number) => { element.dataset.checkedStop = number })
  return stops.map((element) => element.outerHTML.slice(0, 120))
}"""

# Noted in the page, since a question after each key would be most of the time.
_NOTE_STOPS = """() => {
  const looks = (one, pseudo) => {
    const style = getComputedStyle(one, pseudo)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none'
  }
  const stop = (element) => {
    if (!element || !element.dataset.checkedStop) return null
    const label = element.labels && element.labels[0]
    const shown = [element, label, ...element.querySelectorAll('*')].filter(Boolean)
      .some((one) => looks(one) || looks(one, '::before') || looks(one, '::after'))
    return { number: Number(element.dataset.checkedStop), shown: Boolean(shown), html: element.outerHTML.slice(0, 120) }
  }
  const stops = []
  const note = (event) => { if (event.key === 'Tab') stops.push(stop(document.activeElement)) }
  addEventListener('keyup', note, true)
  window.stopNoting = () => { removeEventListener('keyup', note, true); return stops }
}"""


def valid_html(pages: Mapping[str, str]) -> Faults:
    """What the Nu HTML checker says of pages, by their names; warnings count as well. One run: Java starts slowly."""
    with tempfile.TemporaryDirectory() as folder:
        files = {Path(folder, f"{number}.html"): name for number, name in enumerate(pages)}
        for path, name in files.items():
            path.write_text(pages[name], "utf-8")
        command = [JAVA or "java", "-jar", str(VNU), "--format", "json", "--stdout", *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return [
        f"{files[Path(urlsplit(found['url']).path)]}, line {found.get('lastLine')}: {found['message']} "
        f"{found.get('extract', '')!r}"
        for found in json.loads(done.stdout)["messages"]
        if (found["type"] == "error" or found.get("subType") == "warning") and found["message"] not in ACCEPTED_WARNINGS
    ]


def language_parts(page: Page) -> Faults:
    """The page names its language and direction, and each link to another language names its own (3.1.1, 3.1.2)."""
    faults: Faults = page.evaluate(_LANGUAGE_FAULTS)
    return faults


_LANGUAGE_FAULTS = """() => {
  const faults = []
  const { lang, dir } = document.documentElement
  if (!lang) faults.push('the page does not name its language')
  const rightToLeft = ['ar', 'he', 'fa', 'ur'].includes(lang.split('-')[0])
  if (dir !== (rightToLeft ? 'rtl' : 'ltr')) faults.push(`the direction of ${lang} is given as ${dir || 'nothing'}`)
  if (getComputedStyle(document.body).direction !== dir) faults.push('the style sheet overrides the direction')
  for (const link of document.querySelectorAll('a[hreflang]')) {
    if (link.lang !== link.hreflang) faults.push(`a link to ${link.hreflang} is marked as ${link.lang || 'nothing'}`)
  }
  const arabic = /[\\u0600-\\u06ff]{2}/
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement
    if (['SCRIPT', 'STYLE'].includes(parent.tagName)) continue
    const marked = parent.closest('[lang]')?.lang || 'nothing'
    if (arabic.test(texts.currentNode.data) && !marked.startsWith('ar')) {
      faults.push(`Arabic text is marked as ${marked}: ${texts.currentNode.data.trim().slice(0, 40)}`)
    }
  }
  return faults
}"""


def one_title(page: Page) -> Faults:
    """The page has a title, one main heading, and says in both when something in its form is wrong."""
    faults = []
    if not page.title().split("–")[0].strip():
        faults.append("the page has no title of its own")
    headings = page.locator("h1").count()
    if headings != 1:
        faults.append(f"the page has {headings} main headings")
    wrong = page.locator(".govuk-error-message").count()
    with translation.override(page.locator("html").get_attribute("lang") or "en"):
        if wrong and not page.title().startswith(gettext("Error:")):
            faults.append("the title does not say that there are errors")
    if wrong and not page.evaluate("document.activeElement.classList.contains('govuk-error-summary')"):
        faults.append("the error summary does not have the focus")
    return faults


@dataclass
class Weight:
    """What a page's first view costs: bytes as sent, each part by its address."""

    parts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    def faults(self, limit: int = FIRST_VIEW, requests: int = FIRST_VIEW_REQUESTS) -> Faults:
        listed = ", ".join(f"{address} {size}" for address, size in self.parts.items())
        faults = [f"{self.total} bytes, at most {limit}: {listed}"] if self.total > limit else []
        return faults + ([f"{len(self.parts)} requests: {listed}"] if len(self.parts) > requests else [])


def weight(page: Page) -> Weight:
    """Loads the page again, past the cache, and weighs every answer, compressed as a production server would."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)

    session = page.context.new_cdp_session(page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("request", note)
    page.reload(wait_until="networkidle")
    page.remove_listener("request", note)
    session.detach()
    return Weight({address: len(gzip.compress(page.request.get(address).body(), 9)) for address in addresses})
