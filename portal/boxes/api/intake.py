"""Taking a call in: what its headers say, whom it proves to come from, and then its body, in that order and each strictly."""

from hashlib import sha256
from typing import Final, TypeVar

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from portal.boxes.errors import Fault, TooLarge, Unfit, WrongType
from portal.boxes.nonces import new_nonce
from portal.boxes.proving import Called, check_proof
from portal.boxes.schemas import Body, fitted
from portal.boxes.strict_json import read_object
from portal.boxes.transactions import Caller
from portal.core import clock
from portal.web.state import state

KILOBYTE: Final = 1024
JSON: Final = "application/json"
_SCHEME: Final = "dpop "
_LONGEST_TOKEN: Final = 512
_MOST_NAMED: Final = 20

Shape = TypeVar("Shape", bound=Body)


def begin(largest: int, mimetype: str = JSON) -> Caller:
    """This function will return who makes the current request, having read nothing but its headers.

    Raises `WrongType`, `TooLarge` for a body that says it has more than `largest` bytes, `Unproven`, and `Unfit` for a parameter.
    No more than `largest` bytes will be read afterwards.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != mimetype or charset not in {"utf-8", "utf8"} or "Content-Encoding" in request.headers:
        raise WrongType
    if request.content_length is not None and request.content_length > largest:
        raise TooLarge
    request.max_content_length = largest + 1  # one more, so as to know whether more would come
    return _prove()


def read(shape: type[Shape]) -> tuple[Shape, str]:
    """This function will return the JSON body of the current request as `shape`, and the SHA-256 of its bytes.

    Raises `TooLarge` where more comes than `begin` allowed, `Malformed` and `Unfit`.
    """
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge from error
    if len(data) == request.max_content_length:
        raise TooLarge
    return fitted(shape, read_object(data)), sha256(data).hexdigest()


def with_nonce(response: Response, caller: Caller) -> Response:
    """This function will put a new nonce into the answer where the one that the call used is past half its life."""
    if caller.proof.wants_nonce:
        response.headers["DPoP-Nonce"] = new_nonce(clock.now())
    return response


def _prove() -> Caller:
    token = _token()
    called = Called(request.method, current_app.config["BASE_URL"], request.path, token)
    proof = check_proof(request.headers.get("DPoP"), called, clock.now())
    if request.args:
        named = list(request.args)[:_MOST_NAMED]
        raise Unfit([Fault(name, "Extra parameters are not permitted", "parameter") for name in named])
    return Caller(proof, token, state().meta)


def _token() -> str | None:
    given = request.headers.get("Authorization", "")
    if not given.lower().startswith(_SCHEME) or len(given) > _LONGEST_TOKEN:
        return None
    return given[len(_SCHEME) :].strip() or None
