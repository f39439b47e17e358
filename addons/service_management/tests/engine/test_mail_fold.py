import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.mail_fold import fold, get_visible

SAMPLES = {
    "english": "It leaks again.\n\nOn Mon, 2 Mar 2026 at 9:00, Desk <d@example.com>\n"
    "wrote:\n> Is it fixed?\n>\n> Desk\n",
    "german": "Es tropft.\n\nAm 02.03. um 09:00 schrieb Desk <d@example.com>:\n> Ja?\n",
    "french": "Ça fuit.\n\nLe 2 mars 2026 à 9:00, Desk a écrit :\n> Oui?\n",
    "qq": "还是漏水。\n\n\n------------------ 原始邮件 ------------------\n"
    "发件人: 客服\n发送时间: 2026年3月2日\n主题: Re: 漏水\n\n修好了吗\n",
    "netease": "还是漏水。\n"
    "在 2026-03-02 09:00:00，客服 <d@example.com> 写道：\n修好了吗\n",
    "outlook": "It leaks again.\n\n________________________________\n"
    "From: Desk <d@example.com>\nSent: Monday\nTo: Customer\nSubject: Re\n\nFixed?\n",
    "outlook_zh": "还是漏水。\n\n发件人: 客服\n"
    "发送时间: 2026年3月2日\n收件人: 张三\n主题: Re\n\n好\n",
    "divider": "It leaks again.\n-----Original Message-----\nFrom: Desk\n\nFixed?\n",
    "signature": "It leaks again.\n-- \nJohn\nExample Ltd\n",
    "phone": "It leaks again.\n\nSent from my iPhone\n",
    "phone_zh": "还是漏水。\n\n发自我的iPhone\n",
}


class TestFold(unittest.TestCase):
    def test_only_what_was_written_now_is_visible(self):
        for name, text in SAMPLES.items():
            with self.subTest(sample=name):
                visible = get_visible(text)
                self.assertEqual(len(visible.splitlines()), 1, visible)
                self.assertTrue(text.startswith(visible))

    def test_answers_between_the_quotes_stay(self):
        text = (
            "On Monday, Desk wrote:\n> Is it fixed?\nNo.\n> When do you call?\nAt 9.\n"
        )
        self.assertEqual(get_visible(text), "No.\nAt 9.")

    def test_a_quote_below_a_signature_is_a_quote(self):
        kinds = [part.kind for part in fold("Hi\n-- \nJohn\n> old\n")]
        self.assertEqual(kinds, ["text", "signature", "quote"])

    def test_a_request_that_is_only_a_quote_is_not_hidden(self):
        self.assertEqual(get_visible("> It leaks.\n"), "> It leaks.")

    def test_ordinary_lines_are_no_introduction(self):
        text = "On Monday the technician came.\nFrom: the kitchen\nHe wrote: all fine\n"
        self.assertEqual(get_visible(text), text.strip())

    @given(st.lists(st.one_of(st.sampled_from(list(SAMPLES.values())), st.text())))
    def test_nothing_is_lost(self, pieces):
        text = "".join(pieces)
        self.assertEqual("".join(part.text for part in fold(text)), text)
