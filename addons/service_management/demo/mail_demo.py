"""The mails of the demonstration, fed through the product like any others."""

import base64
from datetime import timedelta
from email.message import EmailMessage

from odoo import api, fields, models

from .service_demo import QUIET

PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGOQl5fHihiGlgQA"
    "qG4lAZ2sJhkAAAAASUVORK5CYII="
)


def _mail(key, sender, subject, text, **headers):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "service@example.com"
    message["Subject"] = subject
    message["Message-ID"] = f"<demo-{key}@example.com>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


class ServiceDemo(models.AbstractModel):
    _inherit = "service.demo"

    @api.model
    def _load_mails(self):
        """A mailbox, and what came in: requests, answers, and what waits for a person.

        Nothing is sent: the mailbox gets its acknowledgement when all is read.
        """
        inbox = self.env.ref("service_management.demo_inbox")
        messages = self.env["service.inbox.message"].with_context(**QUIET)
        if messages.search_count([("inbox_id", "=", inbox.id)]):
            return
        template, inbox.ack_template_id = inbox.ack_template_id, False
        hours = iter((3, 2.5, 2.2, 2, 1.5, 1, 0.7, 0.4))
        self._feed_mail(inbox, self._make_leak(), next(hours))
        order = self._feed_mail(inbox, self._make_noise(), next(hours)).order_id
        reference = order._sign_mail_reference(order.email)
        for mail in self._make_others(reference):
            self._feed_mail(inbox, mail, next(hours))
        inbox.ack_template_id = template

    def _feed_mail(self, inbox, mail, hours):
        messages = self.env["service.inbox.message"].with_context(**QUIET)
        received = fields.Datetime.now() - timedelta(hours=hours)
        message = messages.browse(
            messages._store(mail.as_bytes(), inbox.id, inbox.company_id.id, received)
        )
        message._queue_process_one()
        return message

    def _make_leak(self):
        mail = _mail(
            "leak",
            "张伟 <zhang.wei@example.com>",
            "洗衣机漏水，请派人维修",
            "您好，\n\n洗衣机脱水时底部漏水，昨天开始的，照片见附件。\n"
            "周末两天都在家，可以上门。\n\n-- \n张伟\n",
        )
        mail.add_attachment(PHOTO, maintype="image", subtype="png", filename="漏水.png")
        return mail

    def _make_noise(self):
        return _mail(
            "noise",
            "Emily Carter <emily.carter@example.com>",
            "Refrigerator makes a loud noise",
            "Hello,\n\nsince Monday the refrigerator hums loudly at night. It still "
            "cools.\nCould somebody have a look at it?\n\n-- \nEmily Carter\n",
        )

    def _make_others(self, reference):
        return [
            _mail(
                "noise-2",
                "Emily Carter <emily.carter@example.com>",
                "Re: Refrigerator makes a loud noise",
                "Any time after 5 pm is fine.\n\n"
                "On Mon, Service <service@example.com> wrote:\n"
                "> When would it suit you?\n",
                References=f"<demo-noise@example.com> <{reference}@example.com>",
            ),
            _mail(
                "noise-3",
                "Tom <tom@neighbours.example>",
                "Fwd: Refrigerator makes a loud noise",
                "I am the neighbour. You can ring at my door, I have the key.\n",
                In_Reply_To="<demo-noise@example.com>",
            ),
            _mail(
                "new",
                "刘婷 <liuting@newcustomer.example>",
                "空调安装咨询",
                "请问新买的空调多久可以上门安装？我在西湖区。\n\n发自我的iPhone\n",
            ),
            _mail(
                "news",
                "Parts Weekly <news@parts.example>",
                "Compressors: 20% off this week",
                "All compressors at a lower price.\n",
                List_Id="<news.parts.example>",
                Precedence="bulk",
            ),
            _mail("nobody", "", "Scan from the copier", "See the attachment.\n"),
            _mail(
                "away",
                "Sun Li <sun.li@example.com>",
                "Automatic reply: your appointment",
                "I am away until Monday.\n",
                Auto_Submitted="auto-replied",
            ),
        ]
