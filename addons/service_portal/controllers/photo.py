"""Pictures from outside, made harmless: what is kept was written by us.

A photo is decoded and written anew as JPEG, so nothing of the uploaded file survives
but its pixels: no script in an SVG, no second format behind the picture, no place or
serial number in its metadata.
"""

import base64
import binascii
import io
import os

from PIL import Image, ImageOps
from PIL import WebPImagePlugin as _webp  # noqa: F401 Odoo loads few formats

from odoo.exceptions import UserError

MAX_PHOTOS = 6
MAX_PHOTO_MB = 10
MAX_PIXELS = 60_000_000
MAX_SIDE = 1920
MAX_SIGNATURE_KB = 500
MAX_SIGNATURE_SIZE = (1200, 600)
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def read_photos(env, files) -> list[tuple[str, bytes]]:
    """Uploaded files as ``(name, JPEG content)``; a sentence for what is refused."""
    files = [file for file in files if file and file.filename]
    if len(files) > MAX_PHOTOS:
        raise UserError(env._("Please send at most %s photos at a time.", MAX_PHOTOS))
    return [read_photo(env, file) for file in files]


def read_photo(env, file) -> tuple[str, bytes]:
    content = file.read(MAX_PHOTO_MB * 2**20 + 1)
    if len(content) > MAX_PHOTO_MB * 2**20:
        raise UserError(
            env._(
                "%(file)s is larger than %(size)s MB. Please send a smaller photo.",
                file=os.path.basename(file.filename),
                size=MAX_PHOTO_MB,
            )
        )
    try:
        image = _open(content, PHOTO_FORMATS)
        image = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UserError(
            env._(
                "%s is not a picture we can read. Please send a JPEG, PNG, WebP or GIF "
                "file.",
                os.path.basename(file.filename),
            )
        ) from None
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image)
    stem = os.path.splitext(os.path.basename(file.filename))[0]
    return f"{stem[:60] or 'photo'}.jpg", _write(paper, "JPEG", quality=85)


def read_signature(env, value) -> bytes | bool:
    """A drawn signature (data URL or base64 of a PNG) as base64, or ``False``."""
    value = (value or "").partition("base64,")[2] or value or ""
    if not value:
        return False
    if len(value) > MAX_SIGNATURE_KB * 2**10:
        raise UserError(env._("The signature is too large. Please sign again."))
    try:
        image = _open(base64.b64decode(value, validate=True), ("PNG",)).convert("RGBA")
    except (
        OSError,
        ValueError,
        SyntaxError,
        binascii.Error,
        Image.DecompressionBombError,
    ):
        raise UserError(
            env._("The signature could not be read. Please sign again.")
        ) from None
    image.thumbnail(MAX_SIGNATURE_SIZE)
    return base64.b64encode(_write(image, "PNG", optimize=True))


def _open(content, formats):
    image = Image.open(io.BytesIO(content), formats=formats)
    if image.width * image.height > MAX_PIXELS:
        raise ValueError("too many pixels")
    image.load()
    return image


def _write(image, image_format, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()
