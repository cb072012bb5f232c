"""Forms with files: read as they arrive, their files straight to disk, never whole in memory."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

import msgspec

from vedette.core.errors import Unavailable
from vedette.intake import minidumps
from vedette.intake.answers import BodyTimeout
from vedette.intake.asgi import ClientGone, Receive, Request
from vedette.plumbing.files.port import Files, Sheet
from vedette.wire import attachment
from vedette.wire.attachment import PLAIN_KIND, Attachment
from vedette.wire.encoding import EncodingError, TooLarge, UnknownEncoding, is_identity
from vedette.wire.envelope import Item, Label
from vedette.wire.items import ATTACHMENTS_AN_EVENT
from vedette.wire.minidump import MAGIC
from vedette.wire.multipart import FormError, FormReader, Part, Piece, boundary_of

_FIELDS = 1024 * 1024
_STEP = 256 * 1024
_INLINE = 16 * 1024


class Upload(msgspec.Struct, frozen=True):
    """A file of a form: the field it came in, what is told of it, and its place on disk."""

    field: str
    attachment: Attachment
    sheet: Sheet


class Form(msgspec.Struct):
    """A form: its fields and files; `over` counts files beyond the most an event may have."""

    fields: dict[str, str]
    files: list[Upload]
    over: int = 0

    def drop(self) -> None:
        """Forget the files."""
        for upload in self.files:
            upload.sheet.drop()


class _Sorter:
    """Puts what a form reader hands out where it belongs."""

    def __init__(self, files: Files, most: int, now: float) -> None:
        self.form = Form({}, [])
        self._files, self._most, self._now = files, most, now
        self._part = Part("")
        self._field = bytearray()
        self._in_fields = 0
        self.sheet: Sheet | None = None
        self._skipping = False

    def take(self, step: Part | Piece) -> None:
        """Take the next head or piece; raises `TooLarge`, `FormError`, `Unavailable`."""
        if isinstance(step, Part):
            self._begin(step)
        elif self._part.filename is None:
            self._add_to_field(step)
        elif not self._skipping:
            self._add_to_file(step)

    def _begin(self, part: Part) -> None:
        self._part, self._field = part, bytearray()
        if part.filename is not None:
            self._skipping = len(self.form.files) >= ATTACHMENTS_AN_EVENT
            self.form.over += self._skipping
            self.sheet = None if self._skipping else self._files.new(self._now)

    def _add_to_field(self, piece: Piece) -> None:
        self._in_fields += len(piece.data)
        if self._in_fields > _FIELDS:
            raise FormError(f"The fields of the form have more than {_FIELDS} bytes.")
        self._field += piece.data
        if piece.last:
            self.form.fields[self._part.name] = self._field.decode("utf-8", "replace")

    def _add_to_file(self, piece: Piece) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        if sheet.size + len(piece.data) > self._most:
            raise TooLarge(f"The file {self._part.filename!r} is larger than {self._most} bytes.")
        sheet.write(piece.data)
        if piece.last:
            self._keep(sheet)

    def _keep(self, sheet: Sheet) -> None:
        size = sheet.size
        kind = minidumps.KIND if self._part.name == minidumps.DUMP else PLAIN_KIND
        told = attachment.made(self._part.filename, self._part.content_type, kind, size, sheet.keep())
        self.form.files.append(Upload(self._part.name, told, sheet))
        self.sheet = None

    def drop(self) -> None:
        """Forget every file of the form, finished or not."""
        self.form.drop()
        if self.sheet is not None:
            self.sheet.drop()


class Uploads:
    """Receives forms into `files`; `most` is the largest file in bytes, `seconds` the longest a body may take."""

    def __init__(self, files: Files, most: int, seconds: float) -> None:
        self._files, self._most, self._seconds = files, most, seconds

    async def receive(self, request: Request, receive: Receive, raw: str, now: float) -> Form:
        """Return the form a request brings; a body that is a bare minidump is the file of the field `raw`.

        Raises `FormError`, `TooLarge`, `BodyTimeout`, `ClientGone` and `Unavailable`; nothing is then kept.
        """
        sorter = _Sorter(self._files, self._most, now)
        try:
            async with asyncio.timeout(self._seconds):
                await self._read(_inflated(request, receive, self._most + _FIELDS), request, sorter, raw)
        except TimeoutError:
            sorter.drop()
            raise BodyTimeout(f"The body did not arrive within {self._seconds:.0f} seconds.") from None
        except BaseException:  # also a client that left in the middle
            sorter.drop()
            raise
        return sorter.form

    async def _read(self, pieces: AsyncIterator[bytes], request: Request, sorter: _Sorter, raw: str) -> None:
        boundary = boundary_of(request.headers.get(b"content-type", b""))
        reader = FormReader(boundary) if boundary else None
        begun = False
        async for piece in pieces:
            if reader is None and not begun:
                _require_dump(piece, raw)
                sorter.take(Part(raw, "minidump.dmp", "application/x-dmp"))
            begun = True
            steps = reader.feed(piece) if reader else iter((Piece(piece),))
            if len(piece) > _INLINE:
                await asyncio.to_thread(_take_all, sorter, steps)
            else:
                _take_all(sorter, steps)
        last = iter((Piece(b"", last=True),)) if reader is None and begun else iter(())
        if reader is not None:
            reader.finish()
        elif not begun:
            _require_dump(b"", raw)
        _take_all(sorter, last)


def _take_all(sorter: _Sorter, steps: Iterator[Part | Piece]) -> None:
    for step in steps:
        sorter.take(step)


def _require_dump(first: bytes, raw: str) -> None:
    if not raw or not first.startswith(MAGIC):
        raise FormError("The body is no form: send multipart/form-data with a file part.")


async def _inflated(request: Request, receive: Receive, limit: int) -> AsyncIterator[bytes]:
    """Yield the body without its encoding, in bounded pieces; of encodings only gzip and deflate can be streamed."""
    encoding = request.headers.get(b"content-encoding", b"")
    inflate = None if is_identity(encoding) else _inflater(encoding)
    total = 0
    async for sent in _pieces(receive):
        for piece in _undone(inflate, sent) if inflate else (sent,):
            total += len(piece)
            if total > limit:
                raise TooLarge(f"The body is larger than the {limit} bytes that are taken.")
            yield piece


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more: object = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")  # type: ignore[assignment]  # as ASGI says
        more = message.get("more_body", False)
        if piece:
            yield piece


def _inflater(encoding: bytes) -> "zlib._Decompress":
    name = encoding.strip().lower()
    if name not in {b"gzip", b"x-gzip", b"deflate"}:
        shown = name.decode("latin-1")[:40]
        raise UnknownEncoding(f"Forms are taken in gzip, deflate or no encoding, not in {shown!r}.")
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _undone(inflate: "zlib._Decompress", sent: bytes) -> Iterator[bytes]:
    try:
        piece = inflate.decompress(sent, _STEP)
        while piece:
            yield piece
            piece = inflate.decompress(inflate.unconsumed_tail, _STEP)
    except zlib.error as error:
        raise EncodingError(f"The body is not what its Content-Encoding says: {error}.") from None


def write(files: Files, item: Item, now: float) -> Upload:
    """Write an envelope's attachment, which is in memory already, to a file; raises `Unavailable`, then nothing is kept."""
    sheet, body = files.new(now), memoryview(item.envelope)
    try:
        for at in range(item.start, item.end, _STEP):
            sheet.write(body[at : min(at + _STEP, item.end)])
        name = sheet.keep()
    except Unavailable:
        sheet.drop()
        raise
    label = item.label or Label()
    told = attachment.made(label.filename, label.content_type, label.attachment_type, item.size, name)
    return Upload("", told, sheet)
