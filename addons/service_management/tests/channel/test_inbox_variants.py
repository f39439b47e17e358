import random
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_common import SAMPLES, InboxCommon, sample

ENDS = {"order", "reply", "bounce", "duplicate", "quarantine"}
NAMES = sorted(path.stem for path in SAMPLES.glob("*.eml"))
LABELS = [b"x-unknown", b"gb2312", b"utf8mb4", b"us-ascii", b"\xff\xfe", b"base64", b""]
JUNK = [b"\0", b"\xff", b"=?gb2312?B?", b"\r\n\r\n", b"--", b"<", b";", b"\xed\xa0\x80"]


def _rename(raw, number):
    """Another mail of the same kind: its own id, another subject."""
    raw = re.sub(rb"(?mi)^Message-ID: <", b"Message-ID: <v%d." % number, raw)
    return re.sub(rb"(?mi)^(Subject: )(?!Auto|Undel)", rb"\1Re: %d " % number, raw)


def _damage(raw, seed):
    """A mail as no program should send it."""
    chance = random.Random(seed)
    for __ in range(chance.randint(1, 4)):
        kind = chance.randrange(6)
        at = chance.randrange(len(raw) + 1)
        if kind == 0:
            raw = raw[:at] + chance.choice(JUNK) + raw[at:]
        elif kind == 1:
            raw = raw[:at]
        elif kind == 2:
            label = chance.choice(LABELS)
            raw = re.sub(rb"charset=\"?[\w-]+\"?", b"charset=" + label, raw)
        elif kind == 3:
            lines = raw.split(b"\r\n")
            del lines[chance.randrange(len(lines))]
            raw = b"\r\n".join(lines)
        elif kind == 4:
            lines = raw.split(b"\r\n")
            chance.shuffle(lines)
            raw = b"\r\n".join(lines)
        else:
            raw = raw.replace(b"boundary=", b"boundary*0=")
    return raw


@tagged("post_install", "-at_install")
class TestInboxVariants(InboxCommon):
    """Mails that nobody has seen before."""

    def test_unseen_mails_of_the_same_kind_behave_the_same(self):
        for name in NAMES:
            first = self._feed(sample(name))
            for number in range(3):
                with self.subTest(sample=name, number=number):
                    other = self._feed(_rename(sample(name), number))
                    self.assertEqual(
                        (other.state, other.reason), (first.state, first.reason)
                    )

    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(NAMES), st.integers(0, 10**9))
    @mute_logger("odoo.tools.mail.html_sanitize")
    def test_no_mail_raises_out_of_the_gateway(self, name, seed):
        raw = _damage(sample(name), seed)
        message = self._feed(raw)
        self.assertIn(message.state, ENDS)
        self.assertEqual(message._get_raw(), raw)
        self.assertFalse(message.last_error)
        if message.state == "quarantine":
            self.assertTrue(message.reason)
