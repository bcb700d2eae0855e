"""A live channel of its own on loopback: HLS made by ffmpeg, served over https under a certificate that nobody knows."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from portal.accounts import certificates
from portal.core import clock
from portal.media.ffmpeg import find_ffmpeg

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=8", "-f", "lavfi", "-i", "sine=duration=8")
_CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-c:a", "aac")
_PIECES = ("-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_flags", "omit_endlist")


class Handler(SimpleHTTPRequestHandler):
    """Serves the channel's folder to every page, as live hosts do."""

    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}  # noqa: RUF012 - the base class's

    def end_headers(self) -> None:
        """This function will let every page read what is sent."""
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """This function will say nothing: the server is a test's."""


@contextmanager
def on_air(folder: Path) -> Iterator[str]:
    """This function will put a channel on air in `folder` and yield its host with its port; it plays at /live.m3u8."""
    program = find_ffmpeg()
    assert program is not None
    command = [program, "-nostdin", "-loglevel", "error", *_PICTURE, *_CODECS, *_PIECES, str(folder / "live.m3u8")]
    subprocess.run(command, check=True, timeout=60)
    authority = certificates.new_authority(clock.now())
    certificate, key = certificates.issue_for_host(authority, "127.0.0.1", clock.now())
    (folder / "server.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
