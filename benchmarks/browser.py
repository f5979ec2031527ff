"""A headless Chromium with a stopwatch in the page.

The stopwatch looks after every frame whether what is waited for has been drawn, and takes the time
then; it starts at the navigation, or at the key whose time the browser itself has stamped. What
selenium costs is therefore in none of the times.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains

OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1600,1000",
)  # fmt: skip
_PATIENCE_S = 120.0
_QUIET_S = 0.6

# rAF callbacks run before the frame is painted, a message that they post is taken up behind it.
_STOPWATCH = """
(function () {
  const watch = (window.stopwatch = { begun: 0, painted: null, ready: null, told: null, everyFrame: true });
  const channel = new MessageChannel();
  channel.port1.onmessage = function () {
    if (watch.ready && watch.begun !== null && watch.ready()) {
      watch.ready = null;
      watch.painted = performance.now();
      watch.tell();
    }
  };
  watch.look = function () { channel.port2.postMessage(0); };
  function frame() {
    watch.look();
    if (watch.ready && watch.everyFrame) { requestAnimationFrame(frame); }
  }
  watch.arm = function (ready) {
    watch.ready = ready;
    watch.begun = watch.painted = watch.told = null;
    requestAnimationFrame(frame);
  };
  watch.tell = function () {
    if (watch.painted !== null && watch.told) { watch.told(watch.painted - watch.begun); }
  };
  watch.then = function (told) { watch.told = told; watch.tell(); };
  window.addEventListener("keydown", function (event) {
    if (watch.ready && watch.begun === null) { watch.begun = event.timeStamp; }
  }, true);
  watch.ready = function () { return window.drawn && window.drawn(); };
  requestAnimationFrame(frame);
})();
"""


class Browser:
    """One window of 1600 × 1000."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver
        self._drawn_script: str | None = None
        self._command("Page.addScriptToEvaluateOnNewDocument", source=_STOPWATCH)

    def pages_are_drawn_when(self, condition: str) -> None:
        """Say, as a JavaScript expression, when the pages opened from now on count as drawn."""
        if self._drawn_script is not None:
            self._command("Page.removeScriptToEvaluateOnNewDocument", identifier=self._drawn_script)
        source = f"window.drawn = function () {{ return {condition}; }};"
        made = self._command("Page.addScriptToEvaluateOnNewDocument", source=source)
        self._drawn_script = made["identifier"]

    def open(self, address: str) -> float:
        """Open a page; seconds from the start of the navigation to the frame that shows it drawn."""
        self._driver.get("about:blank")
        self._driver.get(address)
        return self._elapsed()

    def press(self, keys: Sequence[str], condition: str) -> float:
        """Press keys, wherever the focus is; seconds from the last of them to the frame in which a
        JavaScript expression holds."""
        *before, last = keys
        if before:
            ActionChains(self._driver).send_keys(*before).perform()
        self.js(f"stopwatch.arm(function () {{ return {condition}; }})")
        ActionChains(self._driver).send_keys(last).perform()
        return self._elapsed()

    def call(self, statement: str, condition: str) -> float:
        """Run a statement in the page; seconds from there to the frame in which an expression holds."""
        self._driver.execute_script(
            f"stopwatch.arm(function () {{ return {condition}; }});"
            f"stopwatch.begun = performance.now(); {statement};"
        )
        return self._elapsed()

    def js(self, expression: str) -> Any:
        """Value of a JavaScript expression."""
        return self._driver.execute_script(f"return ({expression});")

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression is true. Raises TimeoutError."""
        end = time.monotonic() + _PATIENCE_S
        while not self.js(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"did not happen within {_PATIENCE_S:g} s: {condition}")
            time.sleep(0.02)

    def requests(self) -> int:
        """Requests that the page has made so far."""
        return int(self.js("performance.getEntriesByType('resource').length"))

    def settle(self) -> int:
        """Wait until no request was made for a while; their number."""
        count, since = self.requests(), time.monotonic()
        while time.monotonic() - since < _QUIET_S:
            time.sleep(0.1)
            if (now := self.requests()) != count:
                count, since = now, time.monotonic()
        return count

    def bytes_of(self, ending: str) -> int:
        """Bytes that came over the wire, headers included, for addresses that end so."""
        return int(
            self.js(
                "performance.getEntriesByType('resource')"
                f".filter(entry => new URL(entry.name).pathname.endsWith('{ending}'))"
                ".reduce((sum, entry) => sum + entry.transferSize, 0)"
            )
        )

    def forget(self) -> None:
        """Empty the browser's cache."""
        self._command("Network.clearBrowserCache")

    def _elapsed(self) -> float:
        """The page itself tells when the time is taken: asking again and again would cost time."""
        return float(self._driver.execute_async_script("stopwatch.then(arguments[0]);")) / 1000

    def _command(self, name: str, **parameters: Any) -> Any:
        return self._driver.execute_cdp_cmd(name, parameters)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium with empty caches, closed at the end. Raises RuntimeError where there is none."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise RuntimeError("chromium and chromedriver are needed; `make test` installs them.")
    options = Options()
    options.binary_location = chromium
    for option in OPTIONS:
        options.add_argument(option)
    driver = Chrome(service=Service(chromedriver), options=options)
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 1600, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
        )
        driver.execute_cdp_cmd("Page.enable", {})
        driver.set_script_timeout(_PATIENCE_S)
        yield Browser(driver)
    finally:
        driver.quit()
