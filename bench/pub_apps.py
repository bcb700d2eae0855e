"""The three applications that `bench.pub` has gunicorn serve: the portal's, a bare Flask view, and WSGI with nothing in it."""

import os
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response

from portal.releases.fetch import PublicFiles
from portal.releases.public_gzip import gzip_of
from portal.releases.public_names import document_path, pointer_path

FOLDER = Path(os.environ["BENCH_PUBLIC_DIR"])
DOCUMENT = (FOLDER / document_path(os.environ["BENCH_DOCUMENT"])).read_bytes()
SQUEEZED = gzip_of(DOCUMENT)
POINTER = (FOLDER / pointer_path(os.environ["BENCH_CHANNEL"])).read_bytes()

bare = Flask(__name__)
portal = PublicFiles(FOLDER, bare)


@bare.get("/document")
def document() -> Response:
    """This function will answer with the document from memory, as a Flask view does it best."""
    return Response(DOCUMENT, mimetype="application/json")


@bare.get("/pointer")
def pointer() -> Response:
    """This function will answer with the pointer from memory."""
    return Response(POINTER, mimetype="application/json")


@bare.get("/document.gz")
def squeezed() -> Response:
    """This function will answer with the compressed document from memory."""
    return Response(SQUEEZED, mimetype="application/json", headers={"Content-Encoding": "gzip"})


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """This function will answer with the document and do nothing else: what the server itself allows."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(DOCUMENT)))])
    return (DOCUMENT,)
