"""A relying party's logo: checked, then drawn anew, so that nothing but its pixels is ever served."""

from __future__ import annotations

import io
import warnings
from typing import Final

LARGEST: Final = 256 * 1024
"""Bytes of an uploaded logo."""

MEDIA_TYPE: Final = "image/png"

_MOST_PIXELS: Final = 4_000_000
_BOX: Final = (480, 160)
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")


class LogoRefused(ValueError):
    """The file is no logo that can be taken; the text says why and what to send."""


def redraw(data: bytes) -> bytes:
    """The picture as a PNG of at most 480 by 160 pixels, without anything else that the file held.

    Raises:
        LogoRefused: not a PNG, JPEG, WebP or GIF file, damaged, or too large. SVG is refused: it can carry
            programs.
    """
    if len(data) > LARGEST:
        raise LogoRefused(f"is larger than {LARGEST // 1024} KiB; send a smaller file")
    if data.lstrip()[:512].lower().find(b"<svg") >= 0:
        raise LogoRefused("is an SVG, which can carry programs; send it as PNG")
    # Imported with the first logo: few processes ever need it.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
            if image.width * image.height > _MOST_PIXELS:
                raise LogoRefused("has more than 4 million pixels; send a smaller picture")
            image = ImageOps.exif_transpose(image).convert("RGBA")
            image.thumbnail(_BOX)
    except LogoRefused:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombWarning,
            Image.DecompressionBombError) as error:  # fmt: skip
        raise LogoRefused("is not a PNG, JPEG, WebP or GIF file that can be read") from error
    # Pillow would write the colour profile on, with whatever it holds.
    image.info.clear()
    drawn = io.BytesIO()
    image.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()
