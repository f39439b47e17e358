import io
from types import SimpleNamespace

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_portal.controllers import photo

from .common import PortalCommon, picture, signature

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<html><script>alert(1)</script></html>"


@tagged("post_install", "-at_install")
class TestPhoto(PortalCommon):
    def _read(self, content, name="photo.jpg"):
        file = SimpleNamespace(filename=name, read=io.BytesIO(content).read)
        return photo.read_photo(self.env, file)

    def test_pictures_are_written_anew_as_jpeg(self):
        for image_format in ("JPEG", "PNG", "WEBP", "GIF"):
            name, content = self._read(picture(image_format), f"a.{image_format}")
            self.assertEqual(name, "a.jpg")
            self.assertEqual(Image.open(io.BytesIO(content)).format, "JPEG")

    def test_metadata_is_dropped(self):
        exif = Image.Exif()
        exif[0x010E] = "where I live"
        content = picture(exif=exif)
        self.assertIn(b"where I live", content)
        self.assertNotIn(b"where I live", self._read(content)[1])

    def test_what_hides_behind_the_picture_is_dropped(self):
        self.assertNotIn(b"<script>", self._read(picture() + HTML)[1])

    def test_large_pictures_are_made_smaller(self):
        content = self._read(picture(size=(4000, 1000)))[1]
        self.assertEqual(Image.open(io.BytesIO(content)).size, (1920, 480))

    def test_scripts_are_refused_whatever_their_name_L30(self):
        for content in (SVG, HTML, b"%PDF-1.4", b"", b"\xff\xd8\xff"):
            with self.assertRaisesRegex(UserError, "not a picture we can read"):
                self._read(content)

    def test_too_large_a_file_is_refused_with_its_limit(self):
        with self.assertRaisesRegex(UserError, "larger than 10 MB"):
            self._read(b"x" * (10 * 2**20 + 1))

    def test_too_many_pixels_are_refused(self):
        with self.assertRaisesRegex(UserError, "not a picture we can read"):
            self._read(picture("PNG", (10_000, 7_000)))

    def test_name_is_only_a_name(self):
        self.assertEqual(self._read(picture(), "../../etc/passwd")[0], "passwd.jpg")

    def test_too_many_photos_are_refused(self):
        files = [SimpleNamespace(filename="a.jpg")] * 7
        with self.assertRaisesRegex(UserError, "at most 6 photos"):
            photo.read_photos(self.env, files)

    def test_signature_is_a_picture_or_refused(self):
        visits = self.env["service.visit"]
        self.assertTrue(visits._read_signature(signature()))
        for value in ("data:image/svg+xml;base64,PHN2Zz4=", "x", "A" * 600_000):
            with self.assertRaises(UserError):
                visits._read_signature(value)

    def test_refused_photo_stops_the_whole_message(self):
        order = self._plant_order()
        before = len(order._get_public_messages())
        self._login(self.portal_customer)
        for name, content in (("x.svg", SVG), ("x.jpg", HTML)):
            response = self._post(
                f"{order.access_url}/message",
                {"body": "Look"},
                files=[("photos", (name, content, "image/jpeg"))],
            )
            self.assertIn("is not a picture we can read", response.text)
        self.assertEqual(len(order._get_public_messages()), before)
