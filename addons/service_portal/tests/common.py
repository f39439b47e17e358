import base64
import io
import re
from datetime import timedelta

from PIL import Image

from odoo import fields, http
from odoo.tests import HttpCase, new_test_user

from odoo.addons.service_management.tests.common import ServiceCommon

# Planted in everything of the first customer that others must never see.
MARKER = "PLANTED"


def picture(image_format="JPEG", size=(40, 30), **options) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, image_format, **options)
    return stream.getvalue()


def plain_pdf(catalog="") -> bytes:
    """A PDF of one empty page, with what else its catalogue says."""
    stream = io.BytesIO()
    Image.new("RGB", (9, 9)).save(stream, "PDF")
    content = stream.getvalue()
    assert b"/Type /Catalog" in content
    return content.replace(b"/Type /Catalog", f"/Type /Catalog {catalog}".encode())


def active_pdf() -> bytes:
    return plain_pdf("/OpenAction << /S /JavaScript /JS (x) >>")


def signature() -> str:
    content = base64.b64encode(picture("PNG", (60, 20))).decode()
    return f"data:image/png;base64,{content}"


class PortalCommon(ServiceCommon, HttpCase):
    """Two colleagues of one customer, a foreign customer, and two service points.

    Everything of the first customer carries ``MARKER``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._make_portal_user("colleague", cls.customer)
        cls.foreigner = cls._make_portal_user("foreigner")
        cls.other_point_user = cls._make_portal_user("other_point")
        cls.other_point = cls._make_point(
            "Other Point", users=cls.other_point_user, coverage=False
        )
        cls.customer.write({"name": f"{MARKER} customer", "phone": f"+86 138 {MARKER}"})
        cls.customer.street = f"{MARKER} street"
        cls.asset.serial = f"{MARKER}-serial"
        cls.asset.note = f"{MARKER} note"

    @classmethod
    def _make_portal_user(cls, name, parent=None):
        user = new_test_user(
            cls.env, login=f"test_{name}", groups="base.group_portal", name=name
        )
        user.partner_id.write(
            {
                "parent_id": parent.id if parent else False,
                "email": f"{name}@example.com",
            }
        )
        return user

    @classmethod
    def _plant_order(cls, **vals):
        """An order of the first customer with the marker in every text of it."""
        order = cls._make_order(
            description=f"{MARKER} description", date_preferred=f"{MARKER} time", **vals
        )
        order.internal_note = f"{MARKER} internal"
        order.with_user(cls.portal_customer).sudo()._post_from_portal(
            f"{MARKER} message", attachments=[(f"{MARKER}.jpg", picture())]
        )
        order.message_post(body=f"{MARKER} staff only", subtype_xmlid="mail.mt_note")
        return order

    @classmethod
    def _offer(cls, order, point=None):
        """An offer of the order to the point, whoever would rank first."""
        now = fields.Datetime.now()
        offer = cls.env["service.offer"].create(
            {
                "order_id": order.id,
                "point_id": (point or cls.point).id,
                "expires_at": now + timedelta(hours=4),
                "reason_data": [{"code": "distance", "value": 3.5}],
                "candidate_data": [{"point": f"{MARKER} candidate"}],
            }
        )
        if order.state == "new":
            order._set_state("offered")
        return offer

    @classmethod
    def _plant_job(cls, point=None, **vals):
        """A planted order that the point has accepted."""
        order = cls._plant_order(**vals)
        cls._offer(order, point).action_accept()
        return order

    @classmethod
    def _plan(cls, order, days=1, hours=1.0):
        """A visit by the test technician; a second one needs another day."""
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=days)
        return order._plan_visit(cls.technician, start, start + timedelta(hours=hours))

    @classmethod
    def _make_card(cls, point=None):
        """A finished scorecard of the point."""
        return cls.env["service.scorecard"].create(
            {
                "kind": "point",
                "point_id": (point or cls.point).id,
                "company_id": cls.env.company.id,
                "period": "month",
                "date_start": "2026-01-01",
                "date_end": "2026-01-31",
                "orders": 12,
                "score": 61,
                "has_score": True,
                "grade": "c",
                "is_frozen": True,
                "line_ids": [
                    fields.Command.create(
                        {
                            "measure_id": cls.env.ref(
                                "service_management.scorecard_measure_sla"
                            ).id,
                            "amount": 9,
                            "cases": 12,
                            "rate": 0.75,
                            "network": 0.9,
                            "points": 61,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _photo_of(cls, order):
        return order._get_public_messages().attachment_ids[:1]

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, data=None, files=None, **kwargs):
        """Send a form of the signed-in user, with its token."""
        return self.url_open(
            url,
            data={"csrf_token": http.Request.csrf_token(self), **(data or {})},
            files=files,
            **kwargs,
        )

    def _assert_turned_away(self, response):
        """The one answer for what does not exist or is not the user's."""
        self.assertEqual(response.url.rstrip("/"), self.base_url() + "/my")

    def assertIn(self, member, container, msg=None):
        """Without the whole page in the message."""
        if isinstance(container, str) and member not in container:
            alerts = re.findall(r'class="alert[^>]*>([^<]*)', container)
            self.fail(msg or f"{member!r} is not on the page, which says {alerts}")
        return super().assertIn(member, container, msg)

    def assertNotIn(self, member, container, msg=None):
        if isinstance(container, str) and member in container:
            where = container.index(member)
            around = container[max(where - 80, 0) : where + 80]
            self.fail(msg or f"{member!r} is on the page: ...{around}...")
        return super().assertNotIn(member, container, msg)
