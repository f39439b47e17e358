from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

VERIFICATION_STATES = [
    ("claimed", "To Be Checked"),
    ("verified", "Checked"),
    ("refused", "Refused"),
]
# What a document says: changed by a point, it has to be looked at again.
CONTENT_FIELDS = {
    "application_id",
    "file",
    "number",
    "point_id",
    "type_id",
    "valid_from",
    "valid_to",
}
JUDGED_FIELDS = {"verification", "checked_by_id", "checked_on"}


class ServicePointDocument(models.Model):
    """A document of a service point, with the days it is valid.

    What a point hands in counts once a person of quality or a manager has looked at it.
    """

    _name = "service.point.document"
    _description = "Document of a Service Point"
    _inherit = ["service.owner.mixin"]
    _order = "point_id, type_id, valid_to desc, id desc"
    _rec_name = "type_id"
    _check_company_auto = True

    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    type_id = fields.Many2one(
        "service.document.type", required=True, index=True, ondelete="restrict"
    )
    number = fields.Char()
    valid_from = fields.Date()
    valid_to = fields.Date(index="btree_not_null", help="Empty: without an end.")
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    verification = fields.Selection(
        VERIFICATION_STATES,
        default="verified",
        required=True,
        index=True,
        copy=False,
        help="A document that a service point hands in counts when somebody has "
        "checked it.",
    )
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    checked_on = fields.Date(readonly=True, copy=False)
    reminded_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("valid", "Valid"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("claimed", "To Be Checked"),
            ("refused", "Refused"),
        ],
        compute="_compute_state",
    )

    _dates_in_order = models.Constraint(
        "CHECK (valid_to >= valid_from)", "A document cannot end before it begins."
    )

    @api.depends("point_id.company_id")
    def _compute_company_id(self):
        for document in self:
            document.company_id = (
                document.point_id.company_id or document.company_id or self.env.company
            )

    @api.depends("valid_to", "verification", "type_id.remind_days", "company_id")
    def _compute_state(self):
        for document in self:
            today = document.company_id._get_service_day()
            end = document.valid_to
            if document.verification != "verified":
                document.state = document.verification
            elif end and end < today:
                document.state = "expired"
            elif end and end - timedelta(days=document.type_id.remind_days) <= today:
                document.state = "expiring"
            else:
                document.state = "valid"

    @api.constrains("type_id", "valid_to")
    def _check_valid_to(self):
        for document in self:
            if document.type_id.has_expiry and not document.valid_to:
                raise ValidationError(
                    self.env._(
                        "%(document)s needs the day it ends.",
                        document=document.type_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._may_check():
            if any(JUDGED_FIELDS & vals.keys() for vals in vals_list):
                self._refuse_judging()
            # Defaults from outside say nothing about it, either
            vals_list = [
                {**vals, "verification": "claimed", "checked_by_id": False}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self._may_check():
            if JUDGED_FIELDS & vals.keys():
                self._refuse_judging()
            if CONTENT_FIELDS & vals.keys():
                vals = {**vals, "verification": "claimed", "checked_by_id": False}
        if "valid_to" in vals:
            vals = {**vals, "reminded_on": False}
        return super().write(vals)

    def action_verify(self):
        """The documents are what they say."""
        return self._judge("verified")

    def action_refuse(self):
        return self._judge("refused")

    def _judge(self, verification):
        if not self._may_check():
            self._refuse_judging()
        self.check_access("read")
        # sudo: service.point.document: who checks documents changes no more of them
        self.sudo().write(
            {
                "verification": verification,
                "checked_by_id": self.env.uid,
                "checked_on": fields.Date.context_today(self),
            }
        )
        return True

    @api.model
    def _may_check(self) -> bool:
        return self.env.su or self.env.user.has_group(
            "service_management.group_service_quality"
        )

    def _refuse_judging(self):
        raise AccessError(
            self.env._("Documents are checked by quality, not by the service point.")
        )

    # Reminders

    @api.model
    def _cron_remind(self):
        self.env["service.job"]._run("document_reminder", self._remind_due)

    @api.model
    def _remind_due(self):
        """Once for each document that is about to end: an activity on the point, and a
        mail to it. One that a newer document replaces is left alone."""
        longest = max(
            self.env["service.document.type"].search(Domain.TRUE).mapped("remind_days"),
            default=0,
        )
        ending = self.env["res.company"]._get_today_domain(
            lambda today: [("valid_to", "<=", today + timedelta(days=longest))]
        )
        due = self.search(
            Domain("verification", "=", "verified")
            & Domain("reminded_on", "=", False)
            & Domain("point_id.state", "in", ("probation", "active", "suspended"))
            & ending
        ).filtered(lambda document: document.state in ("expiring", "expired"))
        for document in due.filtered(lambda due_one: not due_one._is_replaced()):
            document._remind()
        for company, own in due.grouped("company_id").items():
            own.reminded_on = company._get_service_day()

    def _is_replaced(self) -> bool:
        self.ensure_one()
        return any(
            other.type_id == self.type_id
            and other.verification != "refused"
            and (not other.valid_to or other.valid_to > self.valid_to)
            for other in self.point_id.document_ids
        )

    def _remind(self):
        point = self.point_id
        text = self.env._(
            "%(document)s of %(point)s ends on %(date)s.",
            document=self.type_id.name,
            point=point.display_name,
            date=self.valid_to,
        )
        point.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.valid_to,
            summary=text,
            user_id=self.env["service.job"]._get_manager().id,
        )
        template = self.env.ref(
            "service_management.mail_template_document", raise_if_not_found=False
        )
        if template and point.email:
            template.send_mail(
                self.id,
                email_values={"recipient_ids": [Command.set(point.partner_id.ids)]},
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        if not self._may_check() and any(
            document.verification == "verified" for document in self
        ):
            raise UserError(
                self.env._("A document that was checked is kept. Hand in a new one.")
            )
