"""Pictures that forms send: read, made harmless (``engine/picture.py``), or refused
with a sentence."""

import os

from odoo.exceptions import UserError

from odoo.addons.service_management.engine.picture import PictureError, to_jpeg

MAX_PHOTOS = 6
MAX_PHOTO_MB = 10


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
        content = to_jpeg(content)
    except PictureError:
        raise UserError(
            env._(
                "%s is not a picture we can read. Please send a JPEG, PNG, WebP or GIF "
                "file.",
                os.path.basename(file.filename),
            )
        ) from None
    stem = os.path.splitext(os.path.basename(file.filename))[0]
    return f"{stem[:60] or 'photo'}.jpg", content
