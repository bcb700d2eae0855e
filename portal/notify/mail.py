"""Mail: one message at a time through the server that the settings name, over TLS unless it is this machine's own.

Whoever sends mail does so from the outbox, so that a server that is away is tried again and keeps nobody waiting.
"""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from portal.core import clock
from portal.core.settings import Settings
from portal.core.settings_values import is_loopback

_PORTS = {"smtp": 25, "smtps": 465}
_SECONDS = 20


@dataclass(frozen=True)
class Attachment:
    """A text file that goes with a mail."""

    name: str
    text: str


@dataclass(frozen=True)
class Post:
    """Where mail goes out, and under which address."""

    url: str
    sender: str

    def send(self, to: Sequence[str], subject: str, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """This function will hand one mail to the server; raises `OSError` or `smtplib.SMTPException` where it does not take it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, ", ".join(to), subject
        message["Date"] = format_datetime(clock.now())
        message.set_content(text)
        for each in attachments:
            message.add_attachment(each.text, filename=each.name)
        with self._connected() as server:
            server.send_message(message)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a server that has proven who it is, and knows who we are; the socket is closed whatever comes of it."""
        parts = urlsplit(self.url)
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        server = (
            smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=_SECONDS)
        )
        with closing(server):
            if parts.scheme == "smtp" and not is_loopback(host):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            with server:
                yield server


_post: Post | None = None


def configure(settings: Settings) -> None:
    """This function will make the settings' server the one that this process sends mail by; none, and no mail is sent."""
    global _post
    _post = Post(settings.smtp_url, settings.mail_from) if settings.smtp_url else None


def post() -> Post | None:
    """This function will return where mail goes out, or None."""
    return _post
