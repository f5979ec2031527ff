"""The scan page as a person uses it, through selenium and Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webelement import WebElement

from inference.embedded import EmbeddedWorker
from records.evaluations import EvaluationStore

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Serving:
    """Where the app answers, its worker, and the evaluations that its Models page shows."""

    address: str
    worker: EmbeddedWorker
    evaluations: EvaluationStore


class ScanPage:
    """One browser window on one server."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str) -> None:
        """Load an address and wait until its event, or what is wrong with it, is shown."""
        self.driver.get("about:blank")
        self.driver.get(self.address + path)
        self.wait("argonscope.mounted && (argonscope.event || argonscope.message)")

    def js(self, expression: str) -> Any:
        """Value of a JavaScript expression."""
        return self.driver.execute_script(f"return ({expression});")

    def wait(self, condition: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until a JavaScript expression is true; its value. Raises AssertionError."""
        guarded = f"window.argonscope && ({condition})"
        return self.until(lambda: self.js(guarded), condition, patience_s)

    def until(self, test: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until a test holds; its value. Raises AssertionError."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if value := test():
                return value
            time.sleep(0.05)
        jobs = self.js("window.argonscope && JSON.stringify(argonscope.jobs)")
        raise AssertionError(f"not within {patience_s} s: {what}; console: {self.console()}; jobs: {jobs}")

    def state(self) -> dict[str, Any]:
        """What argonscope.state() tells."""
        found: dict[str, Any] = self.js("argonscope.state()")
        return found

    def text(self, id: str) -> str:
        """Text of an element, shown or not."""
        return str(self.js(f"document.getElementById('{id}').textContent"))

    def element(self, id: str) -> WebElement:
        """The element with an id."""
        return self.driver.find_element("id", id)

    def click(self, id: str) -> None:
        """Press a button as soon as it can be pressed."""
        self.wait(f"document.getElementById('{id}') && !document.getElementById('{id}').disabled")
        self.element(id).click()

    def keys(self, *keys: str) -> None:
        """Press and release keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def choose_weights(self, name: str) -> None:
        """Choose weights of the list by name."""
        self.wait("argonscope.weights.length")
        self.driver.execute_script(
            "dash_clientside.set_props('weights-select', {value: 'uresnet ' + arguments[0]});", name
        )
        self.wait(f"argonscope.chosenWeights === 'uresnet {name}'")

    def mouse(self, kind: str, x: float, y: float, **options: Any) -> None:
        """A mouse event at a point of the window; kind as Chromium's protocol names it."""
        event = {"type": kind, "x": x, "y": y, **options}
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def hover(self, x: float, y: float) -> None:
        """Move the mouse to a point and wait for the hair lines."""
        self.mouse("mouseMoved", x + 2, y + 2)
        self.mouse("mouseMoved", x, y)
        self.wait("argonscope.hover")

    def press_at(self, x: float, y: float) -> None:
        """Click a point of the window."""
        self.hover(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def drag(self, points: list[tuple[float, float]], steps: int = 8) -> None:
        """Press at the first point of the window, move through the others, and let go at the last."""
        x, y = points[0]
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        for to_x, to_y in points[1:]:
            for step in range(1, steps + 1):
                share = step / steps
                self.mouse(
                    "mouseMoved", x + (to_x - x) * share, y + (to_y - y) * share, button="left", buttons=1
                )
            x, y = to_x, to_y
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def point_of(self, plane: str, wire: float, tick: float) -> tuple[float, float]:
        """Window coordinates of a wire and a tick."""
        x, y = self.js(
            "(function () { const A = argonscope;"
            " const box = document.getElementById('stage').getBoundingClientRect();"
            f" const pane = A.panes.find(p => p.plane === '{plane}');"
            " const frame = A.frameOf(pane, A.currentView(A.panes), 1);"
            f" return [box.x + pane.x + frame.xOfWire({wire}), box.y + pane.y + frame.yOfTick({tick})]; }})()"
        )
        return x, y

    def lit_pixel(self, plane: str, least_adc: float = 20.0) -> dict[str, Any]:
        """The lit pixel of a plane nearest to the middle that has enough charge."""
        found: dict[str, Any] = self.js(
            f"(function () {{ const p = argonscope.event.planes['{plane}']; let best = -1, near = 1e9;"
            " for (let i = 0; i < p.count; i++) {"
            "   const d = Math.hypot(p.wires[i] - p.width / 2, p.rows[i] - p.height / 2);"
            f"   if (p.adc[i] >= {least_adc} && d < near) {{ near = d; best = i; }} }}"
            " return {index: best, wire: p.firstWire + p.wires[best], adc: p.adc[best],"
            "   tick: p.tickOfRow(p.rows[best])}; })()"
        )
        return found

    def requests(self) -> int:
        """How many requests the page has made."""
        return int(self.js("performance.getEntriesByType('resource').length"))

    def console(self) -> list[str]:
        """Errors and warnings of the console since the last look."""
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]
