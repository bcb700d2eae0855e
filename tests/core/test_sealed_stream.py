"""A sealed stream opens whole or not at all."""

import io

import pytest

from portal.core.sealed_stream import CHUNK_BYTES, ForeignStream, SealedReader, SealedWriter, StreamBroken

KEY, OTHER = b"k" * 32, b"o" * 32
HEADER = 28 + 8 + 32
FRAME = 4 + 16


def seal(*parts: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    writer = SealedWriter(target, key)
    for part in parts:
        writer.write(part)
    writer.finish()
    return target.getvalue()


def read(sealed: bytes, key: bytes = KEY) -> bytes:
    return SealedReader(io.BytesIO(sealed), key).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_written_comes_back(size: int) -> None:
    data = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)

    assert read(seal(data[: size // 2], data[size // 2 : size])) == data[:size]


def test_pieces_are_handed_out_as_asked_for() -> None:
    reader = SealedReader(io.BytesIO(seal(b"abcdef")), KEY)

    assert [reader.read(2), reader.read(0), reader.read(3), reader.read(9), reader.read(9)] == [
        b"ab",
        b"",
        b"cde",
        b"f",
        b"",
    ]


def test_nothing_of_the_text_shows_and_no_two_streams_are_alike() -> None:
    first, second = seal(b"13800138000"), seal(b"13800138000")

    assert b"138001" not in first
    assert first[HEADER:] != second[HEADER:]


def test_other_key_is_named_as_the_reason() -> None:
    with pytest.raises(ForeignStream):
        read(seal(b"text"), OTHER)


@pytest.mark.parametrize("place", [0, 30, 40, HEADER + 1, HEADER + 5, -1])
def test_changed_bit_does_not_open(place: int) -> None:
    sealed = bytearray(seal(b"some text"))
    sealed[place] ^= 1

    with pytest.raises(StreamBroken):
        read(bytes(sealed))


@pytest.mark.parametrize("left", [0, 10, HEADER, HEADER + 3, HEADER + 4 + 10, HEADER + FRAME + CHUNK_BYTES, -1])
def test_stream_that_was_cut_does_not_open(left: int) -> None:
    sealed = seal(b"x" * (2 * CHUNK_BYTES))

    with pytest.raises(StreamBroken):
        read(sealed[:left])


def test_chunks_cannot_be_left_out_doubled_exchanged_or_taken_from_elsewhere() -> None:
    size = FRAME + CHUNK_BYTES
    sealed, other = seal(b"x" * (3 * CHUNK_BYTES)), seal(b"y" * (3 * CHUNK_BYTES))
    head, chunks = (
        sealed[:HEADER],
        [sealed[HEADER + size * number : HEADER + size * (number + 1)] for number in range(3)],
    )
    foreign = other[HEADER : HEADER + size]

    for forged in (
        [chunks[0], chunks[2]],
        [chunks[0], chunks[0], chunks[1], chunks[2]],
        [chunks[1], chunks[0], chunks[2]],
        [foreign, chunks[1], chunks[2]],
        [*chunks, chunks[2]],
    ):
        with pytest.raises(StreamBroken):
            read(head + b"".join(forged))
