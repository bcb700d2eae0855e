"""Two ways to fill a form as people do: with a mouse, and with nothing but keys; both say what they cannot reach."""

from pathlib import Path
from typing import Protocol

from playwright.sync_api import FileChooser, Page

_MOST_TABS = 250
_DIALOG_WITHIN = 10_000
_LOOK = 50
_HERE = "(wanted) => document.activeElement?.matches(wanted) ?? false"


class Doing(Protocol):
    """What filling in a page takes; everything is named by a selector."""

    page: Page

    def write(self, what: str, text: str) -> None:
        """This function will write text into a field in the place of what stands there."""

    def press(self, what: str) -> None:
        """This function will press a button, or follow a link."""

    def tick(self, what: str) -> None:
        """This function will choose a radio button."""

    def upload(self, what: str, path: Path) -> None:
        """This function will choose a file of the machine."""

    def choose(self, what: str, words: str) -> None:
        """This function will choose the first line with these words from a list that drops down."""


class _AtPage:
    """The page, and the file dialogs that it opened.

    They are listened to all the time: whoever begins to with the click is sometimes too late for it.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._dialogs: list[FileChooser] = []
        page.on("filechooser", self._note_dialog)

    def _note_dialog(self, dialog: FileChooser) -> None:
        self._dialogs.append(dialog)

    def _choose_file(self, path: Path) -> None:
        for _ in range(_DIALOG_WITHIN // _LOOK):
            if self._dialogs:
                self._dialogs.pop().set_files(path)
                return
            self.page.wait_for_timeout(_LOOK)
        raise AssertionError(f"no dialog opened in which {path.name} could be chosen")


class Mouse(_AtPage):
    """Clicks; text is typed."""

    def write(self, what: str, text: str) -> None:
        """This function will click into the field and type."""
        self.page.click(what)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def press(self, what: str) -> None:
        """This function will click."""
        self.page.click(what)

    def tick(self, what: str) -> None:
        """This function will click at the label, which is what shows."""
        self.page.click(f"label:has({what}), label[for='{self.page.get_attribute(what, 'id')}']")

    def upload(self, what: str, path: Path) -> None:
        """This function will click at the field's control and choose the file in the dialog that opens."""
        self.page.click(f"label.btn[for='{self.page.get_attribute(what, 'id')}']")
        self._choose_file(path)

    def choose(self, what: str, words: str) -> None:
        """This function will choose from the list, which the browser draws outside of the page."""
        value = self.page.get_attribute(f"{what} option:has-text('{words}')", "value")
        self.page.select_option(what, value)


class Keys(_AtPage):
    """Tab, arrows, Space and Enter; whatever cannot be reached by them fails."""

    def write(self, what: str, text: str) -> None:
        """This function will go to the field and type."""
        self._go(what)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def press(self, what: str) -> None:
        """This function will go there and press Enter."""
        self._go(what)
        self.page.keyboard.press("Enter")

    def tick(self, what: str) -> None:
        """This function will go to the group and along it with the arrow keys."""
        group = self.page.get_attribute(what, "name")
        self._go(f"input[type=radio][name='{group}']")
        for _ in range(20):
            if self.page.evaluate(_HERE, what):
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow key leads to {what}")

    def upload(self, what: str, path: Path) -> None:
        """This function will open the field's dialog by key and choose the file there."""
        self._go(what)
        self.page.keyboard.press("Enter")
        self._choose_file(path)

    def choose(self, what: str, words: str) -> None:
        """This function will go to the list and along it with the arrow keys."""
        self._go(what)
        for _ in range(20):
            if words in self.page.eval_on_selector(what, "list => list.selectedOptions[0].text"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow key leads to {words}")

    def _go(self, what: str) -> None:
        for _ in range(_MOST_TABS):
            if self.page.evaluate(_HERE, what):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {what}")
