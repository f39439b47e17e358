"""Pictures from outside, made harmless: what is kept was written by us.

A picture is decoded and written anew, so nothing of the file survives but its pixels:
no script in an SVG, no second format behind the picture, no place or serial number
in its metadata.
"""

import io

from PIL import Image, ImageOps
from PIL import WebPImagePlugin as _webp  # noqa: F401 Odoo loads few formats

MAX_PIXELS = 60_000_000
MAX_SIDE = 1920
MAX_DRAWING_SIDE = 2400
MAX_SIGNATURE_SIZE = (1200, 600)
JPEG_START = b"\xff\xd8\xff"
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PictureError(ValueError):
    """The content is no picture of a kind that is taken."""


def to_jpeg(content: bytes, side: int = MAX_SIDE) -> bytes:
    """A photo of any usual format as JPEG of at most ``side`` pixels a side, upright,
    on white.

    :raise PictureError: it is none, or has too many pixels
    """
    image = _open(content, PHOTO_FORMATS, upright=True)
    image.thumbnail((side, side))
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image)
    return _write(paper, "JPEG", quality=85)


def to_drawing(content: bytes) -> bytes:
    """A picture to look at closely, of at most ``MAX_DRAWING_SIDE`` pixels a side,
    upright, on white: as PNG, so that its lines stay sharp, unless it was a JPEG.

    :raise PictureError: it is none, or has too many pixels
    """
    image = _open(content, PHOTO_FORMATS, upright=True)
    image.thumbnail((MAX_DRAWING_SIDE, MAX_DRAWING_SIDE))
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image)
    if content.startswith(JPEG_START):
        return _write(paper, "JPEG", quality=88)
    return _write(paper, "PNG", optimize=True)


def to_signature(content: bytes) -> bytes:
    """A drawn signature, a PNG, as PNG of at most ``MAX_SIGNATURE_SIZE``.

    :raise PictureError: it is none, or has too many pixels
    """
    image = _open(content, ("PNG",))
    image.thumbnail(MAX_SIGNATURE_SIZE)
    return _write(image, "PNG", optimize=True)


def _open(content, formats, upright=False):
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
        if image.width * image.height > MAX_PIXELS:
            raise PictureError("too many pixels")
        image.load()
        image = ImageOps.exif_transpose(image) if upright else image
        return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError(str(error)) from error


def _write(image, image_format, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()
