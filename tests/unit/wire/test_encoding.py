import base64
import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Unavailable
from vedette.wire import encoding
from vedette.wire.encoding import STEP, EncodingError, Inflation, TooLarge, UnknownEncoding, inflate

MIB = 1024 * 1024


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "gzip": (b"gzip", gzip.compress),
    "x-gzip": (b"x-gzip", gzip.compress),
    "upper case": (b" GZip", gzip.compress),
    "deflate": (b"deflate", zlib.compress),
    "raw deflate": (b"deflate", raw_deflate),
    "br": (b"br", lambda body: brotli.compress(body, quality=1)),
    "zstd": (b"zstd", zstandard.compress),
    "zstd without its size": (b"zstd", zstandard.ZstdCompressor(write_content_size=False).compress),
    "identity": (b"identity", bytes),
    "none": (b"", bytes),
}
PACKED = [key for key in PACKERS if key not in {"identity", "none"}]


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("size", [0, 1, 24_000, STEP, STEP + 1, 3 * STEP + 7])
def test_every_encoding_comes_out_as_it_went_in(name: str, size: int) -> None:
    header, pack = PACKERS[name]
    body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    assert inflate(pack(body), header, 4 * MIB) == body


@given(st.binary(max_size=2_000), st.sampled_from(sorted(PACKERS)))
def test_any_body_comes_out_as_it_went_in(body: bytes, name: str) -> None:
    header, pack = PACKERS[name]
    assert inflate(pack(body), header, MIB) == body


@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"deflate", b"br", b"zstd"]))
def test_any_bytes_raise_nothing_but_an_encoding_error(body: bytes, header: bytes) -> None:
    with contextlib.suppress(EncodingError, TooLarge):
        inflate(body, header, MIB)


@pytest.mark.parametrize("name", PACKERS)
def test_the_limit_is_exact(name: str) -> None:
    header, pack = PACKERS[name]
    body = b"x" * 3_000_000
    assert len(inflate(pack(body), header, 3_000_000)) == 3_000_000
    with pytest.raises(TooLarge):
        inflate(pack(body), header, 2_999_999)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("limit", [MIB, 20 * MIB])
def test_a_bomb_costs_its_limit_in_memory(name: str, limit: int) -> None:
    header, pack = PACKERS[name]
    bomb = pack(bytes(64 * MIB))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        inflate(bomb, header, limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.15 * limit + 5 * MIB


def test_several_gzip_members_are_one_body_and_rubbish_after_them_is_ignored() -> None:
    members = gzip.compress(b"one ") + gzip.compress(b"two ") + gzip.compress(b"three")
    assert inflate(members + b"\x00\x00rubbish", b"gzip", MIB) == b"one two three"


def test_many_members_are_bounded_like_one() -> None:
    with pytest.raises(TooLarge):
        inflate(gzip.compress(bytes(1000)) * 2_000, b"gzip", MIB)


def test_several_zstd_frames_are_one_body() -> None:
    assert inflate(zstandard.compress(b"one ") + zstandard.compress(b"two"), b"zstd", MIB) == b"one two"


def test_a_zstd_window_beyond_bounds_is_refused_without_memory() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = packer.compress(b"x" * 100) + packer.flush()
    with pytest.raises(EncodingError, match="memory"):
        inflate(body, b"zstd", MIB)


@pytest.mark.parametrize("name", [name for name in PACKED if name != "zstd without its size"])
def test_a_body_that_ends_early_is_an_error(name: str) -> None:
    header, pack = PACKERS[name]
    body = pack(bytes(range(256)) * 200)
    with pytest.raises(EncodingError):
        inflate(body[: len(body) // 2], header, MIB)


@pytest.mark.parametrize("header", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_plain_body_that_claims_to_be_compressed_passes(header: bytes) -> None:
    assert inflate(b'{"event_id":"a"}\n', header, MIB) == b'{"event_id":"a"}\n'
    with pytest.raises(TooLarge):
        inflate(b'{"event_id":"a"}\n', header, 3)


def test_an_unknown_encoding_names_itself_and_the_known_ones() -> None:
    with pytest.raises(UnknownEncoding, match=r"'snappy' is not known here; send gzip"):
        inflate(b"x", b"snappy", MIB)


def test_the_first_step_is_bounded_and_the_rest_tells_what_it_spends() -> None:
    spent: list[int] = []
    inflation = Inflation(gzip.compress(bytes(3 * STEP)), b"gzip", 10 * STEP)
    assert len(inflation.first()) == STEP
    assert not inflation.done
    assert len(inflation.rest(spent.append)) == 3 * STEP
    assert sum(spent) == 2 * STEP


def test_whoever_hears_of_the_spending_may_stop_it() -> None:
    def refuse(n: int) -> None:
        raise Unavailable("no more")

    with pytest.raises(Unavailable):
        inflate(gzip.compress(bytes(3 * STEP)), b"gzip", 10 * STEP, refuse)


def test_base64_of_zlib_is_undone_for_old_clients() -> None:
    packed = base64.b64encode(zlib.compress(b'{"message":"no"}'))
    assert encoding.from_base64(packed, MIB) == b'{"message":"no"}'
    assert encoding.from_base64(b"hello", MIB) is None
    assert encoding.from_base64(base64.b64encode(b"hello"), MIB) is None
    with pytest.raises(TooLarge):
        encoding.from_base64(base64.b64encode(zlib.compress(bytes(2 * MIB))), MIB)
