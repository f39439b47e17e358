import re
import time
import unittest
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.webhook import (
    is_public,
    sign,
    split_url,
    verify,
)


class TestWebhookEngine(unittest.TestCase):
    def test_known_signature(self):
        # Worked out by openssl: printf '1.{}' | openssl dgst -sha256 -hmac key
        self.assertEqual(
            sign("key", 1, b"{}"),
            "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224",
        )

    @given(st.text(min_size=1), st.integers(0, 2**31), st.binary(max_size=50))
    def test_what_was_signed_is_verified_and_nothing_else(self, secret, time, body):
        header = sign(secret, time, body)
        self.assertTrue(verify(secret, header, body, time + 299))
        self.assertFalse(verify(secret, header, body, time + 301))
        self.assertFalse(verify(secret, header, body + b"x", time))
        self.assertFalse(verify(secret + "x", header, body, time))
        self.assertFalse(verify(secret, header.replace("t=", "t=1"), body, time))

    @given(st.text(max_size=40))
    def test_headers_of_strangers_never_raise(self, header):
        self.assertFalse(verify("secret", header, b"", 0))

    def test_the_check_in_the_documentation_agrees(self):
        page = Path(__file__).parents[4] / "docs" / "api.md"
        if not page.exists():
            self.skipTest("docs/ is not here")
        (code,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)
        names = {}
        exec(code, names)
        now = int(time.time())
        for body in (b"{}", "单".encode()):
            headers = {"X-Service-Signature": sign("secret", now, body)}
            self.assertTrue(names["is_genuine"]("secret", headers, body))
            self.assertFalse(names["is_genuine"]("secret", headers, body + b"x"))
            headers = {"X-Service-Signature": sign("secret", now - 400, body)}
            self.assertFalse(names["is_genuine"]("secret", headers, body))

    def test_addresses_that_are_not_of_the_internet(self):
        for address in (
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fd00::1",
            "fe80::1%eth0",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "localhost",
            "",
        ):
            self.assertFalse(is_public(address), address)
        for address in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"):
            self.assertTrue(is_public(address), address)

    def test_urls(self):
        self.assertEqual(
            split_url(" https://Erp.Example.com/x?y=1 "),
            ("https", "erp.example.com", 443),
        )
        self.assertEqual(split_url("http://[::1]:8080/"), ("http", "::1", 8080))
        for url, code in (
            ("ftp://example.com", "not_a_url"),
            ("file:///etc/passwd", "not_a_url"),
            ("https://", "not_a_url"),
            ("https://x:99999/", "not_a_url"),
            ("https://user:pw@example.com/", "with_password"),
        ):
            with self.assertRaisesRegex(ValueError, code):
                split_url(url)
