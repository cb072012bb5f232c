"""Images, decoded and written anew: what was hidden in, behind or beside the picture is gone.

The size is looked at before anything is decoded; Pillow itself only warns, at 89 million pixels.
"""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence

from vedette_guard.uploading.types import RefusedError

FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
MOST_FRAMES = 1000
# What decoders raise for a file that somebody made on purpose.
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, MemoryError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_OPTIONS: dict[str, dict[str, Any]] = {"jpeg": {"quality": 90}, "png": {}, "gif": {}, "webp": {"quality": 90}}
_MODES = {
    "jpeg": {"L", "RGB"},
    "png": {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"},
    "gif": {"1", "L", "P"},
    "webp": {"RGB", "RGBA"},
}


def rewrite(source: Path, target: Path, kind: str, pixels: int) -> None:
    """Write an image anew: upright, in sRGB, without metadata. Raise RefusedError for one that is too large or broken."""
    try:
        with Image.open(source, formats=[FORMATS[kind]]) as image:
            _measured(image, pixels)
            moves = kind != "jpeg" and getattr(image, "is_animated", False)
            (_rewrite_frames if moves else _rewrite_one)(image, target, kind, pixels)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's, not the image's
        raise RefusedError("image", "The image is damaged.") from error


def _measured(image: Image.Image, pixels: int, frames: int = 1) -> None:
    width, height = image.size
    if width * height * frames > pixels:
        raise RefusedError("image", f"The image has more than {pixels / 1e6:g} megapixels.")


def _rewrite_one(image: Image.Image, target: Path, kind: str, _: int) -> None:
    ImageOps.exif_transpose(image, in_place=True)  # a copy of 40 megapixels is 160 MB
    plain = _fitting(_in_srgb(image), kind)
    plain.info = {key: value for key, value in plain.info.items() if key == "transparency"}
    plain.save(target, FORMATS[kind], **_OPTIONS[kind])


def _rewrite_frames(image: Image.Image, target: Path, kind: str, pixels: int) -> None:
    loop = image.info.get("loop")
    frames, durations = [], []
    for count, frame in zip(itertools.count(1), ImageSequence.Iterator(image), strict=False):
        _measured(frame, pixels, count)
        if count > MOST_FRAMES:
            raise RefusedError("image", f"The image has more than {MOST_FRAMES} frames.")
        plain = _in_srgb(frame.convert("RGBA"))
        durations.append(int(frame.info.get("duration") or 100))  # WebP tells it once a frame is decoded
        plain.info = {}
        frames.append(plain)
    how = {**_OPTIONS[kind], **({"disposal": 2} if kind == "gif" else {})}
    how |= {"loop": loop} if isinstance(loop, int) else {}
    frames[0].save(target, FORMATS[kind], save_all=True, append_images=frames[1:], duration=durations, **how)


def _fitting(image: Image.Image, kind: str) -> Image.Image:
    """Return an image in a mode that its format can hold."""
    if image.mode in _MODES[kind] or (kind == "gif" and image.mode in {"RGB", "RGBA"}):
        return image
    clear = kind != "jpeg" and (
        image.mode in {"LA", "PA", "RGBA", "RGBa", "La"} or "transparency" in image.info
    )
    return image.convert("RGBA" if clear else "RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return an image in sRGB, for its profile goes with the rest of what is beside the picture."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    mode = "RGB" if image.mode == "CMYK" else image.mode
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile nobody can read changes no colours elsewhere either
    return turned or image
