"""Somebody's hands at a page: every click and every key but the text itself is counted, as people count what a task costs them."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_DROP = """([selector, files]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const box = target.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data, ...at }));
  }
}"""


class Hands:
    """What one person does; `acts` is how often."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.acts = 0

    def click(self, what: str, **more: Any) -> None:
        """This function will click, once the page does what it promises."""
        self._wait()
        self.page.click(what, **more)
        self.acts += 1

    def press(self, key: str) -> None:
        """This function will press one key where the focus is."""
        self._wait()
        self.page.keyboard.press(key)
        self.acts += 1

    def type(self, text: str) -> None:
        """This function will type text where the focus is, which costs nothing here."""
        self.page.keyboard.type(text)

    def drop(self, files: list[tuple[str, bytes]], on: str) -> None:
        """This function will drop files there, all at once, which is one act."""
        self._wait()
        kind = {".png": "image/png", ".mp4": "video/mp4"}
        self.page.evaluate(_DROP, [on, [(name, kind[Path(name).suffix], list(data)) for name, data in files]])
        self.acts += 1

    def _wait(self) -> None:
        self.page.wait_for_selector("html.is-bound")
