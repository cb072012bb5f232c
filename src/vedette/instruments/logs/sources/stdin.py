"""Lines that somebody pipes in, until there are no more."""

import os

from vedette.core.clock import Clock
from vedette.instruments.logs.sources.splitting import Splitter
from vedette.instruments.logs.sources.types import CHUNK, Chunk, Take

NAME = "stdin"


def read(take: Take, clock: Clock, fd: int = 0) -> int:
    """Hand out everything that comes through a descriptor; return how many lines were too long and left out.

    The last line needs no end. Raises `OSError`.
    """
    splitter = Splitter()
    while data := os.read(fd, CHUNK):
        whole = splitter.feed(data)
        if whole:
            take(Chunk(NAME, whole, clock.now()))
    rest = splitter.rest()
    if rest:
        take(Chunk(NAME, rest, clock.now()))
    return splitter.skipped
