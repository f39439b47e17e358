from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import email_normalize, hash_sign, verify_hash_signed

SCOPE = "service-point-application"
LINK_DAYS = 30
# What a stranger may say about itself; see _apply
APPLICATION_FIELDS = ("name", "contact_name", "phone", "email", "vat", "street")
APPLICATION_FIELDS += ("city", "zip", "message")
HOURLY_LIMIT = 5
REVIEWABLE = ("new", "review")


class ServicePointApplication(models.Model):
    """Somebody who wants to become a service point: asks, hands in documents, is looked
    at by a person, and on approval gets a point and a way into the portal."""

    _name = "service.point.application"
    _description = "Application to Become a Service Point"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "create_date desc, id desc"

    name = fields.Char(string="Company Name", required=True)
    contact_name = fields.Char(string="Contact", required=True)
    phone = fields.Char(required=True, index=True)
    email = fields.Char(required=True)
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, index=True
    )
    vat = fields.Char(string="Tax ID", index="btree_not_null")
    street = fields.Char()
    city = fields.Char()
    zip = fields.Char()
    message = fields.Text()
    kind = fields.Selection(
        [("point", "Service Point"), ("agent", "Agent")],
        default="point",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    state = fields.Selection(
        [
            ("new", "Received"),
            ("review", "In Review"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
        ],
        default="new",
        required=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    reason = fields.Char(
        string="Reason of Rejection", tracking=True, help="The applicant is told."
    )
    source = fields.Char(readonly=True, groups="base.group_system", index=True)
    document_ids = fields.One2many("service.point.document", "application_id")
    missing_documents = fields.Char(compute="_compute_missing_documents")
    duplicates = fields.Char(
        compute="_compute_duplicates",
        help="Others of the same tax ID, phone or e-mail address.",
    )
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    @api.depends("email")
    def _compute_email_normalized(self):
        for application in self:
            application.email_normalized = email_normalize(application.email)

    @api.depends("document_ids.verification", "document_ids.type_id", "kind")
    def _compute_missing_documents(self):
        for application in self:
            missing = application._get_missing_types()
            application.missing_documents = ", ".join(missing.mapped("name"))

    @api.depends("vat", "phone", "email")
    def _compute_duplicates(self):
        for application in self:
            application.duplicates = ", ".join(application._find_duplicates())

    def _find_duplicates(self) -> list[str]:
        self.ensure_one()
        same = Domain("phone", "=", self.phone)
        if self.vat:
            same |= Domain("vat", "=", self.vat)
        others = self.search(
            (same | Domain("email_normalized", "=", self.email_normalized))
            & Domain("id", "not in", self._origin.ids)
        )
        points = self.env["service.point"].search(
            Domain("partner_id", "any", same) & Domain("id", "!=", self.point_id.id)
        )
        return [*points.mapped("display_name"), *others.mapped("display_name")]

    def _get_missing_types(self):
        self.ensure_one()
        types = self.env["service.document.type"]._get_for(self.kind, "partner")
        valid = self.document_ids.filtered(
            lambda document: document.state in ("valid", "expiring")
        )
        return types.filtered("is_mandatory") - valid.type_id

    # From outside

    @api.model
    def _apply(self, values, source):
        """File an application of a stranger (sudo): only what a form may say is read.

        Whoever sends too many gets the same answer, and nothing is stored.

        :param source: what tells one sender from another
        :return: the application, or none
        """
        vals = {name: values.get(name) or False for name in APPLICATION_FIELDS}
        if values.get("kind") in ("point", "agent"):
            vals["kind"] = values["kind"]
        missing = [
            name
            for name in ("name", "contact_name", "phone", "email")
            if not vals[name]
        ]
        if missing or not email_normalize(vals["email"]):
            raise UserError(
                self.env._("Please give company, contact, phone and a valid e-mail.")
            )
        recent = Domain(
            "create_date", ">", fields.Datetime.now() - timedelta(hours=1)
        ) & (
            Domain("source", "=", source)
            | Domain("email_normalized", "=", email_normalize(vals["email"]))
        )
        if self.search_count(recent) >= HOURLY_LIMIT:
            return self.browse()
        application = self.create({**vals, "source": source})
        application._mail()
        application.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("New application: look at it"),
            user_id=self.env["service.job"]._get_manager().id,
        )
        return application

    def _get_progress_url(self) -> str:
        self.ensure_one()
        token = hash_sign(
            self.sudo().env, SCOPE, self.id, expiration_hours=24 * LINK_DAYS
        )
        return f"{self.get_base_url()}/service/apply/{token}"

    @api.model
    def _find_by_token(self, token):
        """The application of a link (sudo); none for a wrong or an old one."""
        # sudo: the link itself is the right to see this one application
        applications_sudo = self.sudo()
        try:
            key = verify_hash_signed(applications_sudo.env, SCOPE, token)
        except ValueError:
            key = None
        return applications_sudo.browse(key or ()).exists()

    def _mail(self):
        template = self.env.ref(
            "service_management.mail_template_application", raise_if_not_found=False
        )
        for application in self:
            if template:
                template.send_mail(
                    application.id, email_values={"email_to": application.email}
                )

    # Review

    def action_review(self):
        self._check_reviewer()
        self.filtered(lambda one: one.state == "new").state = "review"
        return True

    def action_reject(self):
        self._check_reviewer()
        for application in self:
            application._check_state()
            if not (application.reason or "").strip():
                raise UserError(self.env._("Reason is missing: say why."))
        self.state = "rejected"
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._mail()
        return True

    def action_approve(self):
        """Make the point, on probation, with its documents and its portal user."""
        self._check_reviewer()
        for application in self:
            application._check_state()
            if application.missing_documents:
                raise UserError(
                    self.env._(
                        "Missing or not checked: %(documents)s",
                        documents=application.missing_documents,
                    )
                )
            application._approve()
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._mail()
        return True

    def _approve(self):
        # sudo: res.partner, res.users: a manager of the network admits points
        partner = self.env["res.partner"].sudo().create(self._prepare_partner_vals())
        contact = partner.create(
            {
                "name": self.contact_name,
                "parent_id": partner.id,
                "email": self.email,
                "phone": self.phone,
            }
        )
        point = self.env["service.point"].create(
            {
                "name": self.name,
                "partner_id": partner.id,
                "company_id": self.company_id.id,
                "kind": self.kind,
                "ownership": "partner",
                "state": "probation",
                "probation_end": self.env["service.point"]._get_probation_end(),
                "welcome_due": True,
            }
        )
        self.document_ids.write({"point_id": point.id})
        self.write({"state": "approved", "point_id": point.id})
        # sudo: portal.wizard: the invitation belongs to the approval
        wizard_sudo = (
            self.env["portal.wizard"]
            .sudo()
            .create({"partner_ids": [Command.set(contact.ids)]})
        )
        wizard_sudo.user_ids.action_grant_access()
        point.sudo().user_ids = [Command.set(contact.user_ids.ids)]

    def _prepare_partner_vals(self) -> dict:
        self.ensure_one()
        names = ("name", "phone", "email", "vat", "street", "city", "zip")
        return {
            **{name: self[name] for name in names},
            "is_company": True,
            "company_id": self.company_id.id,
        }

    def _check_state(self):
        if self.state not in REVIEWABLE:
            raise UserError(self.env._("This application was decided already."))

    def _check_reviewer(self):
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_manager"
        ):
            raise AccessError(self.env._("Only a manager decides on applications."))


class ServicePointDocument(models.Model):
    _inherit = "service.point.document"

    application_id = fields.Many2one(
        "service.point.application",
        index="btree_not_null",
        ondelete="cascade",
    )


class ServicePoint(models.Model):
    _inherit = "service.point"

    welcome_due = fields.Boolean(
        string="Welcome List Open",
        copy=False,
        help="Users of the point land on the welcome list until they close it.",
    )
