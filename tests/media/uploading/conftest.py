"""Videos made once, as for the rest of the room."""

from tests.media.conftest import clip
from tests.media.conversion.conftest import film

__all__ = ["clip", "film"]
