"""What the tests do with a browser: open, look, press, click."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Chromium:
    """A headless Chromium with a new profile, driven by selenium."""

    def __init__(
        self, browser: str, driver: str, profile: Path, pages: Callable[[str], Path]
    ) -> None:
        # only here: the module can be imported where selenium is missing
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self._driver = webdriver.Chrome(options=options, service=Service(driver))
        self._driver.set_script_timeout(180)  # axe, on a busy machine
        self._pages = pages

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()

    def reset(self) -> None:
        """Light, 1280 by 720, scripts on, an empty page, no old messages."""
        self.command("Emulation.setScriptExecutionDisabled", value=False)
        self.media()
        self.size(1280, 720)
        self._driver.get("about:blank")
        self.console()

    def command(self, name: str, **parameters: object) -> dict[str, object]:
        """One of the DevTools protocol."""
        return self._driver.execute_cdp_cmd(name, parameters)

    def size(self, width: int, height: int) -> None:
        """Of the viewport, in CSS pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, kind: str = "screen", theme: str = "light") -> None:
        """Screen or print, light or dark."""
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.command("Emulation.setEmulatedMedia", media=kind, features=features)

    def open(self, name: str, fragment: str = "") -> None:
        """A sample's page, from its file."""
        self._driver.get("about:blank")
        self._driver.get(self._pages(name).as_uri() + fragment)

    def console(self) -> list[str]:
        """The messages since the last time, also refusals of the policy."""
        return [one["message"] for one in self._driver.get_log("browser")]

    def work(self) -> float:
        """Seconds of CPU that the main thread of the tab has worked on its page."""
        found = self.command("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in found if one["name"] == "TaskDuration")

    @contextmanager
    def new_tab(self) -> Iterator[None]:
        """A tab of its own, whose work is counted from nothing."""
        old = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        self.command("Performance.enable", timeDomain="threadTicks")
        try:
            yield
        finally:
            self._driver.close()
            self._driver.switch_to.window(old)

    def js(self, expression: str, *arguments: object) -> object:
        """The value of an expression; elements by selector: ``$``, ``$$``."""
        return self._driver.execute_script(
            "const $ = (s) => document.querySelector(s);"
            "const $$ = (s) => [...document.querySelectorAll(s)];"
            f"return {expression.strip()}",
            *arguments,
        )

    def wait_for(self, promise: str) -> object:
        """What a promise comes to."""
        return self._driver.execute_async_script(
            f"{promise}.then(arguments[arguments.length - 1])"
        )

    def paste(self) -> None:
        """The clipboard, where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        keys = ActionChains(self._driver).key_down(Keys.CONTROL).send_keys("v")
        keys.key_up(Keys.CONTROL).perform()

    def press(self, *keys: str) -> None:
        """Keys on the keyboard, to whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        actions = ActionChains(self._driver)
        for key in keys:
            actions.send_keys(getattr(Keys, key) if len(key) > 1 else key)
        actions.perform()

    def click(self, selector: str) -> None:
        """The first element of a selector, with the mouse."""
        self._element(selector).click()

    def point(self, selector: str) -> None:
        """The mouse on an element."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self._driver).move_to_element(self._element(selector)).perform()

    def back(self) -> None:
        """The browser's own button."""
        self._driver.back()

    def _element(self, selector: str):
        return self._driver.find_element("css selector", selector)

    @property
    def fragment(self) -> str:
        """What follows the page in the address."""
        return str(self.js("decodeURIComponent(location.hash)"))

    @property
    def shown(self) -> list[str]:
        """The anchors of the cells that are shown."""
        return self.js(
            "$$('details.cell').filter((c) => c.checkVisibility())"
            ".map((c) => c.querySelector('.cell-body').id)"
        )

    @property
    def focused(self) -> str:
        """The anchor of the cell that has the focus."""
        return self.js(
            "document.activeElement.closest('details.cell')"
            "?.querySelector('.cell-body').id ?? ''"
        )

    def text(self, selector: str) -> str:
        """What an element says, as it is seen."""
        return " ".join(str(self.js("$(arguments[0]).innerText", selector)).split())

    def in_view(self, selector: str) -> bool:
        """Whether an element is wholly in the viewport, and not covered by the bar."""
        return bool(
            self.js(
                """(() => {
                  const box = $(arguments[0]).getBoundingClientRect();
                  const bar = $('.bar').getBoundingClientRect();
                  const top = bar.top <= 0 ? bar.bottom : 0;
                  return box.height > 0 && box.top >= top - 1
                    && box.bottom <= innerHeight + 1;
                })()""",
                selector,
            )
        )
