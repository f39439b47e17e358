from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

VERIFICATION_STATES = [
    ("verified", "Verified"),
    ("claimed", "To Be Verified"),
    ("refused", "Refused"),
]
# What a certificate says: changed by a point, it has to be looked at again.
CERTIFIED_FIELDS = {
    "technician_id",
    "skill_type_id",
    "skill_id",
    "skill_level_id",
    "valid_from",
    "valid_to",
    "number",
    "certificate_file",
}
REMINDER_DAYS = 30


class ServiceTechnicianSkill(models.Model):
    """Certificates: the paper behind them, who believed it, and when they end.

    What a service point says of its own people counts once somebody of quality has
    seen the paper; until then planning acts as if it were not there.
    """

    _inherit = "service.technician.skill"

    number = fields.Char(string="Certificate Number")
    certificate_file = fields.Binary(string="Certificate", attachment=True)
    certificate_name = fields.Char(string="File Name")
    verification = fields.Selection(
        VERIFICATION_STATES,
        default="verified",
        required=True,
        index=True,
        copy=False,
        help="A certificate entered by a service point counts when quality has "
        "verified it.",
    )
    verified_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    verified_on = fields.Date(readonly=True, copy=False)
    reminded_on = fields.Date(
        readonly=True, copy=False, help="When somebody was told that it will end."
    )
    point_id = fields.Many2one(
        related="technician_id.point_id", string="Service Point", store=True, index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._may_verify():
            if any(
                vals.get("verification", "verified") != "verified" for vals in vals_list
            ):
                self._check_may_verify()
            # Defaults from outside say nothing about it, either
            vals_list = [
                {
                    **vals,
                    "verification": "verified",
                    "verified_by_id": False,
                    "verified_on": False,
                }
                for vals in vals_list
            ]
        skills = super().create(vals_list)
        skills._claim()
        return skills

    def write(self, vals):
        if (
            not self._may_verify()
            and {
                "verification",
                "verified_by_id",
                "verified_on",
            }
            & vals.keys()
        ):
            self._check_may_verify()
        if "valid_to" in vals:
            vals = {**vals, "reminded_on": False}
        result = super().write(vals)
        if CERTIFIED_FIELDS & vals.keys():
            self._claim()
        return result

    def action_verify(self):
        """The certificates are what they say."""
        return self._judge("verified")

    def action_refuse(self):
        return self._judge("refused")

    def _judge(self, verification):
        self._check_may_verify()
        self.check_access("read")
        # sudo: service.technician.skill: quality judges papers and changes no more
        self.sudo().write(
            {
                "verification": verification,
                "verified_by_id": self.env.uid,
                "verified_on": fields.Date.context_today(self),
            }
        )
        return True

    @api.model
    def _may_verify(self) -> bool:
        return self.env.su or self.env.user.has_group(
            "service_management.group_service_quality"
        )

    def _check_may_verify(self):
        if not self._may_verify():
            raise AccessError(
                self.env._("Only quality or a manager may verify certificates.")
            )

    def _claim(self, claimed_by_point=False):
        """Set certificates that a service point has entered back to be verified."""
        if self._may_verify() and not claimed_by_point:
            return
        # sudo: service.technician.skill: whether it counts is not the point's to say
        self.sudo().filtered("is_certification").write(
            {
                "verification": "claimed",
                "verified_by_id": False,
                "verified_on": False,
            }
        )

    # Certificates that end

    @api.model
    def _cron_remind(self):
        self.env["service.job"]._run("certificate_reminder", self._remind_of_end)

    @api.model
    def _remind_of_end(self):
        """One activity for each certificate that ends soon and has no successor."""
        ahead = timedelta(days=self._get_reminder_days())
        by_day = self.env["res.company"]._get_today_domain
        ending = self.search(
            Domain("skill_type_id.is_certification", "=", True)
            & Domain("verification", "!=", "refused")
            & Domain("reminded_on", "=", False)
            & Domain("technician_id.active", "=", True)
            & by_day(
                lambda today: [
                    ("valid_to", ">=", today),
                    ("valid_to", "<=", today + ahead),
                ]
            )
        )
        successors = {
            (skill.technician_id.id, skill.skill_id.id)
            for skill in self.search_fetch(
                Domain("technician_id", "in", ending.technician_id.ids)
                & Domain("skill_id", "in", ending.skill_id.ids)
                & Domain("verification", "!=", "refused")
                & (
                    Domain("valid_to", "=", False)
                    | by_day(lambda today: [("valid_to", ">", today + ahead)])
                ),
                ["technician_id", "skill_id"],
            )
        }
        for skill in ending:
            if (skill.technician_id.id, skill.skill_id.id) not in successors:
                skill._remind()
        for company, own in ending.grouped("company_id").items():
            own.reminded_on = company._get_service_day()
        return len(ending)

    @api.model
    def _get_reminder_days(self) -> int:
        """Days before its end that one is told of a certificate."""
        return REMINDER_DAYS

    def _remind(self):
        self.ensure_one()
        technician = self.technician_id
        users = technician.point_id.user_ids.filtered(
            lambda user: user.active and not user.share
        )
        user = users[:1] or self.env["service.job"]._get_manager()
        technician.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.valid_to,
            summary=self.env._(
                "%(certificate)s ends on %(date)s",
                certificate=self.skill_id.name,
                date=self.valid_to,
            ),
            user_id=user.id,
        )
