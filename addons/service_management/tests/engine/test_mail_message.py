import contextlib
import unittest
from datetime import datetime, timezone
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine.mail_message import (
    UnreadableMailError,
    clean_name,
    get_safe_type,
    html_to_text,
    identify,
    read,
)

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "mail"
NOW = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)


def mail(*headers, body="It leaks.", sender="Customer <c@example.com>"):
    lines = [f"From: {sender}", "To: service@example.com", *headers, "", body]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def sample(name):
    return (SAMPLES / f"{name}.eml").read_bytes()


class TestRead(unittest.TestCase):
    def test_one_text_of_an_alternative(self):
        found = read(sample("alternative_zh"))
        self.assertEqual(found.subject, "洗衣机漏水，请派人维修")
        self.assertEqual(found.from_name, "张三")
        self.assertIn("朱镕基路8号", found.text)
        self.assertNotIn("<p>", found.text)
        self.assertIn("<p>", found.html)
        self.assertEqual(
            [(a.name, a.mimetype, a.cid) for a in found.attachments],
            [("故障.png", "image/png", "photo1")],
        )

    def test_a_file_name_in_pieces_and_in_another_charset(self):
        raw = mail(
            "Content-Type: application/pdf;",
            " name*0*=gb2312''%B7%A2; name*1*=%C6%B1.pdf",
        )
        self.assertEqual(read(raw).attachments[0].name, "发票.pdf")

    def test_content_types_that_are_none(self):
        for kind in (
            "*/*",
            "pdf; name=x.pdf",
            "text",
            "",
            "/",
            "application/",
            "text/x",
        ):
            with self.subTest(kind=kind):
                self.assertEqual(read(mail(f"Content-Type: {kind}")).subject, "")

    def test_html_only(self):
        raw = mail(
            "Content-Type: text/html; charset=utf-8",
            body="<style>x</style><p>It&nbsp;leaks</p><blockquote>old</blockquote>",
        )
        self.assertEqual(read(raw).text, "It leaks\n> old")

    def test_dates_nobody_believes(self):
        for date in (
            "tomorrow",
            "Mon, 32 Feb 2026 25:00:00 +9999",
            "1 Jan 2099 00:00 +0",
        ):
            self.assertIsNone(read(mail(f"Date: {date}"), NOW).date)
        found = read(mail("Date: Mon, 2 Mar 2026 09:00:00 +0800"), NOW)
        self.assertEqual(found.date, datetime(2026, 3, 2, 1, tzinfo=timezone.utc))

    def test_parts_without_end_are_refused_or_cut(self):
        raw = mail("Content-Type: multipart/mixed; boundary=b0", body="")
        for n in range(1500):
            raw += (
                f"\r\n--b{n}\r\n"
                f"Content-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n"
            ).encode()
        with contextlib.suppress(UnreadableMailError):
            read(raw)
        self.assertEqual(identify(raw).recipients, ("service@example.com",))

    @settings(max_examples=300)
    @given(st.binary(max_size=400))
    def test_any_bytes(self, raw):
        identify(raw)
        found = read(raw)
        for text in (found.subject, found.text, found.html, found.from_name):
            text.encode("utf-8")
            self.assertNotIn("\0", text)


class TestIdentify(unittest.TestCase):
    def test_the_same_mail_by_another_way_is_the_same(self):
        one = identify(b"Received: a\r\nMessage-ID: <1@x>\r\n\r\nhello\r\nyou\r\n")
        two = identify(b"Received: b\r\nMessage-Id:\r\n <1@x>\r\n\r\nhello\nyou\n")
        self.assertEqual(one.key, two.key)
        self.assertEqual(one.body_digest, two.body_digest)
        self.assertNotEqual(one.digest, two.digest)

    def test_without_an_id_the_bytes_are_the_identity(self):
        for header in (b"", b"Message-ID: <>\r\n", b"Message-ID:\r\n"):
            raw = b"From: a@x.y\r\n" + header + b"\r\nhello"
            self.assertEqual(identify(raw).key, f"sha256:{identify(raw).digest}")

    def test_an_id_without_end_fits_an_index(self):
        raw = b"Message-ID: <" + b"x" * 5000 + b"@y>\r\n\r\n"
        self.assertLessEqual(len(identify(raw).key), 200)


class TestKind(unittest.TestCase):
    def test_who_wrote_it(self):
        for header, kind in (
            ("Auto-Submitted: auto-replied", "replied"),
            ("Auto-Submitted: auto-generated (report)", "generated"),
            ("Auto-Submitted: no", ""),
            ("X-Autoreply: yes", "replied"),
            ("Precedence: auto_reply", "replied"),
            ("X-Auto-Response-Suppress: OOF", "replied"),
            ("X-Auto-Response-Suppress: DR, OOF, AutoReply", ""),
            ("Subject: Automatic reply: leak", "replied"),
            ("Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN?=", "replied"),
            ("Subject: leak", ""),
        ):
            with self.subTest(header=header):
                self.assertEqual(read(mail(header)).automatic, kind)

    def test_l23_no_acknowledgement_to_programs_and_lists(self):
        self.assertTrue(read(mail("Subject: leak")).may_acknowledge)
        for header in (
            "Auto-Submitted: auto-generated",
            "Precedence: bulk",
            "Precedence: list",
            "List-Id: <x.example.com>",
            "List-Unsubscribe: <mailto:u@example.com>",
            "Return-Path: <>",
            "X-Auto-Response-Suppress: All",
            "X-Service-Inbox: 1",
        ):
            with self.subTest(header=header):
                self.assertFalse(read(mail(header)).may_acknowledge)
        for sender in ("no-reply@example.com", "crm.noreply@example.com", ""):
            self.assertFalse(read(mail(sender=sender)).may_acknowledge, sender)

    def test_a_delivery_report(self):
        bounce = read(sample("bounce")).bounce
        self.assertEqual(bounce.recipients, ("customer@example.com",))
        self.assertEqual(bounce.status, "5.1.1")
        self.assertTrue(bounce.is_permanent)
        self.assertIn("<original-1@service.example.com>", bounce.references)
        self.assertIn("service+r7-abc@service.example.com", bounce.references)

    def test_a_customer_who_speaks_of_failures_is_no_bounce(self):
        self.assertIsNone(read(mail("Subject: mail delivery failed, fix my PC")).bounce)


class TestAttachments(unittest.TestCase):
    def test_l30_nothing_that_a_browser_would_run(self):
        for kind, content in (
            ("image/svg+xml", b"<svg onload='x'/>"),
            ("image/png", b"\xef\xbb\xbf  <svg onload='x'/>"),
            ("text/html", b"hello"),
            ("application/xhtml+xml", b"hello"),
            ("application/pdf", "<script>".encode("utf-16")),
            ("application/hta", b"x"),
            ("text/xml", b"x"),
        ):
            with self.subTest(kind=kind):
                self.assertEqual(get_safe_type(kind, content), "text/plain")
        self.assertEqual(get_safe_type("x/y", b"\1"), "application/octet-stream")
        self.assertEqual(get_safe_type("image/jpg", b"\xff\xd8"), "image/jpeg")
        office = (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        )
        self.assertEqual(get_safe_type(office, b"PK"), office)

    def test_names_lead_nowhere(self):
        for name, cleaned in (
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.txt", "a.txt"),
            ("a\r\nb\0.txt", "a b.txt"),
            ("gpj.\u202eexe", "gpj.exe"),
            (".", ""),
        ):
            self.assertEqual(clean_name(name), cleaned)
        self.assertTrue(clean_name("x" * 400 + ".pdf").endswith("x.pdf"))
        self.assertLessEqual(len(clean_name("x" * 400 + ".pdf")), 200)

    @given(st.text(max_size=200))
    def test_any_html_is_text(self, html):
        html_to_text(html).encode("utf-8")
