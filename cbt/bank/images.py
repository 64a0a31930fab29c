"""Pictures from strangers: decoded within limits and drawn anew as PNG, so that nothing but pixels comes through."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from cbt.errors import Refusal

LARGEST_FILE = 5 * 1024 * 1024
MOST_PIXELS = 20_000_000
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True)
class CleanPicture:
    """A PNG without metadata, no side longer than 1600 pixels, with the SHA-256 (hex) of its bytes."""

    png: bytes
    sha256: str
    width: int
    height: int


def clean_picture(data: bytes) -> CleanPicture:
    """The first frame of a PNG, JPEG, WebP or GIF, drawn anew.

    Refuses `picture_too_large` (over 5 MB or 20 megapixels, known before a pixel is decoded) and
    `picture_not_readable` (everything else, SVG included).
    """
    if len(data) > LARGEST_FILE:
        raise Refusal("picture_too_large")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refusal("picture_too_large")
            pixels = _pixels_of(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise Refusal("picture_too_large") from problem
    except Refusal:
        raise
    except Exception as problem:  # decoders of four formats fail in more ways than can be listed
        raise Refusal("picture_not_readable") from problem
    png = BytesIO()
    pixels.save(png, "PNG", optimize=True)
    return CleanPicture(
        png=png.getvalue(), sha256=sha256(png.getvalue()).hexdigest(), width=pixels.width, height=pixels.height
    )


def _pixels_of(picture: Image.Image) -> Image.Image:
    """A new picture of the same pixels, upright and within the longest side, that knows nothing of the old one."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):  # 16 bits of grey; a plain conversion would clip them to white
        upright = upright.convert("I").point(lambda grey: grey / 256).convert("L")
    if upright.mode not in ("L", "RGB", "RGBA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    elif upright.has_transparency_data:
        upright = upright.convert("RGBA")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    pixels = Image.new(upright.mode, upright.size)
    pixels.paste(upright)
    return pixels
