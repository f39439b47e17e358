"""Copies of a photo are found, other photos are not."""

import itertools
import random
import unittest
import warnings
from io import BytesIO

from PIL import Image, ImageChops, ImageEnhance

from odoo.addons.service_settlement.engine import photo_print
from odoo.addons.service_settlement.engine.photo_print import are_alike, get_prints


def make_photo(seed, size=(640, 480)):
    """Something like a photo: coarse shapes, finer ones, and the noise of a sensor."""
    dice = random.Random(seed)
    photo = Image.new("L", size, 0)
    for cells, share in ((6, 0.55), (14, 0.3), (40, 0.15)):
        points = bytes(dice.randrange(256) for __ in range(cells * cells))
        layer = Image.frombytes("L", (cells, cells), points)
        layer = layer.resize(size, Image.Resampling.BICUBIC)
        photo = ImageChops.add(photo, layer.point(lambda x, k=share: int(x * k)))
    return photo.convert("RGB")


def encode(photo, form="JPEG", quality=70):
    out = BytesIO()
    photo.save(out, form, quality=quality)
    return out.getvalue()


def cut(photo, share):
    width, height = photo.size
    dx, dy = int(width * share), int(height * share)
    return photo.crop((dx, dy, width - dx, height - dy))


COPIES = {
    "encoded again": lambda photo: encode(photo, quality=35),
    "as PNG": lambda photo: encode(photo, "PNG"),
    "as WEBP": lambda photo: encode(photo, "WEBP"),
    "half the size": lambda photo: encode(photo.resize((320, 240))),
    "twice the size": lambda photo: encode(photo.resize((1280, 960))),
    "brighter": lambda photo: encode(ImageEnhance.Brightness(photo).enhance(1.2)),
    "darker": lambda photo: encode(ImageEnhance.Brightness(photo).enhance(0.75)),
    "more contrast": lambda photo: encode(ImageEnhance.Contrast(photo).enhance(1.2)),
    "edge cut": lambda photo: encode(cut(photo, 0.03)),
    "more edge cut": lambda photo: encode(cut(photo, 0.06)),
    "all at once": lambda photo: encode(
        ImageEnhance.Brightness(cut(photo, 0.03).resize((400, 300))).enhance(1.1)
    ),
}


class TestPhotoPrint(unittest.TestCase):
    def test_copies_are_found(self):
        for seed in range(8):
            photo = make_photo(seed)
            prints = get_prints(encode(photo, quality=92))
            self.assertEqual(len(prints), len(photo_print.CUTS))
            for name, copy in COPIES.items():
                with self.subTest(name, seed=seed):
                    self.assertTrue(are_alike(prints, get_prints(copy(photo))))

    def test_turned_by_the_camera_it_is_the_same(self):
        """The copy has its pixels turned; the original says so in its metadata."""
        photo = make_photo(1)
        exif = Image.Exif()
        exif[0x0112] = 6
        out = BytesIO()
        photo.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", exif=exif)
        self.assertTrue(
            are_alike(get_prints(encode(photo)), get_prints(out.getvalue()))
        )

    def test_other_photos_are_not(self):
        prints = [get_prints(encode(make_photo(100 + seed))) for seed in range(40)]
        for one, other in itertools.combinations(prints, 2):
            self.assertFalse(are_alike(one, other))

    def test_what_shows_nothing_is_like_nothing(self):
        for color in (0, 128, 255):
            self.assertEqual(get_prints(encode(Image.new("L", (300, 200), color))), [])

    def test_what_is_no_photo_has_no_print(self):
        whole = encode(make_photo(1))
        for content in (b"", b"no picture", whole[:100], whole[: len(whole) // 2]):
            self.assertEqual(get_prints(content), [])

    def test_a_bomb_is_not_unpacked(self):
        bomb = encode(Image.new("1", (12000, 12000)), "PNG")
        self.assertLess(len(bomb), 100_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            self.assertEqual(get_prints(bomb), [])

    def test_a_print_is_256_bits_in_rows(self):
        [first, *__] = get_prints(encode(make_photo(3)))
        self.assertEqual(len(first.bits), photo_print.BITS)
        for band in first.bands:
            row, bits = divmod(band, 1 << photo_print.SIZE)
            self.assertEqual(
                first.bits[row * photo_print.SIZE :][: photo_print.SIZE],
                f"{bits:0{photo_print.SIZE}b}",
            )
