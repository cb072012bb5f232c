"""Bodies as they lie on disk: Zstandard, level 3, with contexts of each thread's own."""

import threading
from collections.abc import Sequence

import zstandard

_OWN = threading.local()


def pack(bodies: Sequence[bytes]) -> list[bytes]:
    """Return bodies compressed, all in one call that lets other threads run."""
    if len(bodies) < 2 or not hasattr(zstandard.ZstdCompressor, "multi_compress_to_buffer"):
        return [_compressor().compress(body) for body in bodies]
    packed = _compressor().multi_compress_to_buffer(list(bodies))
    return [packed[place].tobytes() for place in range(len(packed))]


def unpack(packed: bytes) -> bytes:
    """Return a body as it was."""
    if not hasattr(_OWN, "decompressor"):
        _OWN.decompressor = zstandard.ZstdDecompressor()
    decompressor: zstandard.ZstdDecompressor = _OWN.decompressor
    return decompressor.decompress(packed)


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_OWN, "compressor"):
        _OWN.compressor = zstandard.ZstdCompressor(level=3)
    compressor: zstandard.ZstdCompressor = _OWN.compressor
    return compressor
