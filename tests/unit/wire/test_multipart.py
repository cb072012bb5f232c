"""Multipart forms, whole and in any pieces."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.wire.multipart import FormError, FormReader, Part, Piece, boundary_of

FORM = (
    b"preamble\r\n--b\r\n"
    b'Content-Disposition: form-data; name="prod"\r\n\r\nshop\r\n--b\r\n'
    b'content-disposition:form-data; name="file"; filename="C:\\\\a \\"b\\".txt"\r\nContent-Type: text/plain; charset=x\r\n\r\n'
    b"line\r\n--not the end\r\n\r\n--b  \r\n"
    b"Content-Disposition: form-data; name=bare; filename=x.dmp\r\n\r\n\r\n--b--\r\nepilogue"
)


def taken(pieces: list[bytes], boundary: bytes = b"b") -> list[tuple[Part, bytes]]:
    reader = FormReader(boundary)
    found: list[tuple[Part, bytearray]] = []
    ended = True
    for piece in pieces:
        for step in reader.feed(piece):
            if isinstance(step, Part):
                assert ended
                found.append((step, bytearray()))
                ended = False
            else:
                found[-1][1].extend(step.data)
                ended = step.last
    reader.finish()
    return [(part, bytes(data)) for part, data in found]


EXPECTED = [
    (Part("prod"), b"shop"),
    (Part("file", 'C:\\\\a "b".txt', "text/plain"), b"line\r\n--not the end\r\n"),
    (Part("bare", "x.dmp"), b""),
]


def test_a_form_is_taken_apart() -> None:
    assert taken([FORM]) == EXPECTED


@given(st.lists(st.integers(0, len(FORM)), max_size=12))
def test_it_does_not_matter_where_the_pieces_end(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(FORM)]
    assert taken([FORM[a:b] for a, b in itertools.pairwise(ends)]) == EXPECTED


def test_byte_by_byte() -> None:
    assert taken([FORM[n : n + 1] for n in range(len(FORM))]) == EXPECTED


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_content_comes_out_as_it_went_in(content: bytes, step: int) -> None:
    body = (
        b"--xyzzy42\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n"
        + content
        + b"\r\n--xyzzy42--"
    )
    [(_, found)] = taken([body[n : n + step] for n in range(0, len(body), step)], b"xyzzy42")
    assert found == content


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    reader = FormReader(b"b")
    try:
        assert all(isinstance(step, Part | Piece) for step in reader.feed(b"--b\r\n" + body))
        reader.finish()
    except FormError:
        return


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (FORM[:-20], "ends in the middle"),
        (b"x" * 9_000, "does not begin with the boundary"),
        (b"--b\r\nX: " + b"y" * 9_000, "longer than"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "has no name"),
        (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 1_001, "more than 1000 parts"),
    ],
)
def test_a_broken_form_is_told_so(body: bytes, why: str) -> None:
    with pytest.raises(FormError, match=why):
        taken([body])


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (b"multipart/form-data; boundary=abc", b"abc"),
        (b'Multipart/Form-Data; charset=utf-8; Boundary="a b;c"', b"a b;c"),
        (b"application/json; boundary=abc", None),
        (b"multipart/form-data", None),
    ],
)
def test_the_boundary_stands_in_the_content_type(content_type: bytes, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
