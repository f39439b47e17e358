import logging
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, email_normalize, hash_sign, verify_hash_signed

_logger = logging.getLogger(__name__)

SCOPE = "service-point-application"
LINK_DAYS = 30
# What a stranger may say about itself; see _apply
APPLICATION_FIELDS = ("name", "contact_name", "phone", "email", "vat", "street")
APPLICATION_FIELDS += ("city", "zip", "message")
# Of one sender and address, of everybody together, and waiting for a person
HOURLY_LIMIT = 5
HOURLY_LIMIT_OF_ALL = 60
OPEN_LIMIT = 1000
MAX_DOCUMENTS = 10
MAX_DOCUMENTS_OF_POINT = 50
# How long papers of applications that led to nothing are kept
REJECTED_DAYS = 90
FORGOTTEN_DAYS = 180
# What a mail program makes a link of: our mails repeat what a stranger typed
ADDRESS = re.compile(r"://|www\.|[<>]", re.IGNORECASE)
DOMAIN_NAME = re.compile(r"[^\W_][\w-]+\.[a-z]{2,}", re.IGNORECASE)
REVIEWABLE = ("new", "review")
# Follow from the buttons, never from a form
DECIDED_FIELDS = {"state", "point_id", "source", "campaign_id"}


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
        [("point", "Service Point"), ("agent", "Agency")],
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
            ("new", "Newly Received"),
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
        help="Others of the same tax ID, phone or email address.",
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
    def _apply(self, values, source, campaign=None):
        """File an application of a stranger (sudo): only what a form may say is read.

        Whoever sends too many gets the same answer, and nothing is stored. What is
        too much of everybody together is told: it hits people who did nothing wrong.

        :param source: what tells one sender from another
        :param campaign: the open campaign by whose link it came
        :return: the application, or none
        """
        company = campaign.company_id if campaign else self.env.company
        if not company.service_takes_applications:
            raise UserError(self.env._("We take no applications at present."))
        vals = {name: values.get(name) or False for name in APPLICATION_FIELDS}
        self._check_words(vals)
        if values.get("kind") in ("point", "agent"):
            vals["kind"] = values["kind"]
        missing = [
            name
            for name in ("name", "contact_name", "phone", "email")
            if not vals[name]
        ]
        # The bare address: a name beside it would stand in a mail of ours
        vals["email"] = email_normalize(vals["email"])
        if missing or not vals["email"]:
            raise UserError(
                self.env._("Please give company, contact, phone and a valid email.")
            )
        recent = Domain(
            "create_date", ">", fields.Datetime.now() - timedelta(hours=1)
        ) & (
            Domain("source", "=", source)
            | Domain("email_normalized", "=", vals["email"])
        )
        if self.search_count(recent) >= HOURLY_LIMIT:
            return self.browse()
        self._check_flood(company)
        vals |= {"source": source, "company_id": company.id}
        if campaign:
            vals["campaign_id"] = campaign.id
        application = self.create(vals)
        application._mail()
        application.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("New application: look at it"),
            user_id=self.env["service.job"]._get_manager().id,
        )
        return application

    @api.model
    def _check_words(self, vals):
        """Names and places hold no address of the web, nothing for a mail to carry."""
        for name in APPLICATION_FIELDS:
            if name in ("message", "email") or not vals[name]:
                continue
            vals[name] = text = " ".join(vals[name].split())
            is_name = name in ("name", "contact_name")
            if ADDRESS.search(text) or (is_name and DOMAIN_NAME.search(text)):
                raise UserError(
                    self.env._(
                        "%(field)s: please leave out web addresses.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    @api.model
    def _check_flood(self, company):
        """Count this application against the company's limits.

        The count is a row that is written: of two at the same moment the second runs
        again and finds the first's (L25).
        """
        now = fields.Datetime.now()
        [[count]] = self.env.execute_query(
            SQL(
                """
                UPDATE res_company
                   SET service_application_count = CASE
                           WHEN service_application_hour = %(hour)s
                           THEN service_application_count + 1 ELSE 1 END,
                       service_application_hour = %(hour)s
                 WHERE id = %(company)s
             RETURNING service_application_count
                """,
                hour=now.replace(minute=0, second=0, microsecond=0),
                company=company.id,
            )
        )
        waiting = Domain("company_id", "=", company.id) & Domain(
            "state", "in", REVIEWABLE
        )
        if count > HOURLY_LIMIT_OF_ALL or self.search_count(waiting) >= OPEN_LIMIT:
            _logger.warning("Too many applications in company %s", company.id)
            raise UserError(
                self.env._(
                    "We receive very many applications at the moment. Please try again "
                    "later."
                )
            )

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

    @api.model_create_multi
    def create(self, vals_list):
        defaults = {name.removeprefix("default_") for name in self.env.context}
        self._check_decision(defaults.union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_decision(vals.keys())
        return super().write(vals)

    def _check_decision(self, names):
        if not self.env.su and DECIDED_FIELDS & names:
            raise AccessError(
                self.env._("Applications are decided on with their buttons.")
            )

    def action_review(self):
        self._check_reviewer()
        # sudo: service.point.application: the reviewer was checked
        self.sudo().filtered(lambda one: one.state == "new").state = "review"
        return True

    def action_reject(self):
        self._check_reviewer()
        for application in self:
            application._check_state()
            if not (application.reason or "").strip():
                raise UserError(self.env._("Reason is missing: say why."))
        # sudo: service.point.application: the reviewer was checked
        self.sudo().state = "rejected"
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
        # sudo: service.point.application: the reviewer was checked
        self.sudo().write({"state": "approved", "point_id": point.id})
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

    @api.model
    def _hand_in(self, owner, vals):
        """A paper of an application or a point (sudo, found for who hands it in); it
        counts when a person has checked it.

        The owner's row is written first: of two papers at the same moment the second
        runs again and counts the first (L25).
        """
        owner.ensure_one()
        is_applicant = owner._name == "service.point.application"
        limit = MAX_DOCUMENTS if is_applicant else MAX_DOCUMENTS_OF_POINT
        self.env.execute_query(
            SQL(
                "UPDATE %(table)s SET write_date = %(now)s WHERE id = %(id)s "
                "RETURNING id",
                table=SQL.identifier(owner._table),
                now=fields.Datetime.now(),
                id=owner.id,
            )
        )
        name = "application_id" if is_applicant else "point_id"
        if self.search_count([(name, "=", owner.id)]) >= limit:
            raise UserError(
                self.env._("There are %s documents already: that is enough.", limit)
            )
        return self.create(
            {
                **vals,
                name: owner.id,
                "company_id": owner.company_id.id,
                "verification": "claimed",
            }
        )

    @api.autovacuum
    def _gc_useless(self):
        """Papers of people who did not become a point are not kept for ever."""
        now = fields.Datetime.now()
        rejected = Domain("application_id.state", "=", "rejected") & Domain(
            "application_id.write_date", "<", now - timedelta(days=REJECTED_DAYS)
        )
        forgotten = Domain("application_id.state", "in", REVIEWABLE) & Domain(
            "application_id.write_date", "<", now - timedelta(days=FORGOTTEN_DAYS)
        )
        self.search(
            Domain("point_id", "=", False) & (rejected | forgotten), limit=1000
        ).unlink()


class ResCompany(models.Model):
    _inherit = "res.company"

    # How many applied in the current hour, see _check_flood
    service_application_hour = fields.Datetime(
        readonly=True, copy=False, groups="base.group_system"
    )
    service_application_count = fields.Integer(
        readonly=True, copy=False, groups="base.group_system"
    )


class ServicePoint(models.Model):
    _inherit = "service.point"

    welcome_due = fields.Boolean(
        string="Welcome List Open",
        copy=False,
        help="Users of the point land on the welcome list until they close it.",
    )
