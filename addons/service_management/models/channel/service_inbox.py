from odoo import api, fields, models
from odoo.tools import email_normalize, formataddr


class ServiceInbox(models.Model):
    """A mailbox that customers write to: what comes in becomes orders and replies.

    The mails come from an incoming mail server (IMAP or POP) that is linked here, or
    from the mail gateway script, by the address they were sent to.
    """

    _name = "service.inbox"
    _description = "Service Mailbox"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, translate=True, help="What customers see as the sender's name."
    )
    sequence = fields.Integer(
        default=10,
        help="Orders that came in another way are written about from the first "
        "mailbox of their company.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    # Where mail comes from
    address = fields.Char(
        string="Email Address", required=True, help="The address customers write to."
    )
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, precompute=True
    )
    email_formatted = fields.Char(compute="_compute_email_formatted")
    fetchmail_server_id = fields.Many2one(
        "fetchmail.server",
        string="Incoming Mail Server",
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
        help="Its mails are stored before they are marked as read on the server.",
    )
    # What a new order starts with
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        required=True,
        default=lambda self: self.env.ref(
            "service_management.type_consulting", raise_if_not_found=False
        ),
    )
    team_id = fields.Many2one(
        "service.team",
        check_company=True,
        help="Owns the new orders. Empty: the team of the service type.",
    )
    # What goes back
    ack_template_id = fields.Many2one(
        "mail.template",
        string="Acknowledgement",
        domain="[('model', '=', 'service.order')]",
        default=lambda self: self.env.ref(
            "service_management.mail_template_acknowledgement",
            raise_if_not_found=False,
        ),
        help="Sent once for a new order, in the customer's language. Empty: none is "
        "sent. Mail of programs and mailing lists never gets one.",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="For customers whose language is not known.",
    )
    has_subaddress = fields.Boolean(
        string="Signed Reply Address",
        help="Answers go to name+reference@domain. Set it where the mail server "
        "delivers such addresses: replies are then recognised even when a mail "
        "program drops the references.",
    )
    # Limits
    flood_limit = fields.Integer(
        string="Mails of a New Sender an Hour",
        default=30,
        required=True,
        help="What an unknown address sends beyond waits in quarantine. Customers and "
        "service points are never limited.",
    )
    raw_days = fields.Integer(
        string="Keep Sources (Days)",
        default=365,
        required=True,
        help="The source of a mail that became an order, a reply or a bounce is "
        "dropped after so many days; 0 keeps it for ever.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Is told of mails in quarantine. Empty: the leader of the team.",
    )
    message_count = fields.Integer(compute="_compute_counts")
    quarantine_count = fields.Integer(compute="_compute_counts")

    _address_uniq = models.UniqueIndex(
        "(email_normalized) WHERE active", "There is already a mailbox of this address."
    )
    _server_uniq = models.UniqueIndex(
        "(fetchmail_server_id) WHERE active AND fetchmail_server_id IS NOT NULL",
        "This incoming mail server already belongs to another mailbox.",
    )
    _address_valid = models.Constraint(
        "CHECK (email_normalized IS NOT NULL)", "The email address is not valid."
    )
    _limits_positive = models.Constraint(
        "CHECK (flood_limit > 0 AND raw_days >= 0)",
        "The limits of a mailbox cannot be negative.",
    )

    @api.depends("address")
    def _compute_email_normalized(self):
        for inbox in self:
            inbox.email_normalized = email_normalize(inbox.address)

    @api.depends("name", "address")
    @api.depends_context("lang")
    def _compute_email_formatted(self):
        for inbox in self:
            inbox.email_formatted = formataddr((inbox.name, inbox.email_normalized))

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # What it has become is theirs too, or they would mail for another company
            self.check_access("write")
        return result

    def _compute_counts(self):
        groups = self.env["service.inbox.message"]._read_group(
            [("inbox_id", "in", self.ids)], ["inbox_id", "state"], ["__count"]
        )
        for inbox in self:
            counts = {state: count for box, state, count in groups if box == inbox}
            inbox.message_count = sum(counts.values())
            inbox.quarantine_count = counts.get("quarantine", 0)

    def action_view_messages(self):
        return self._get_messages_action("action_service_inbox_message")

    def action_view_quarantine(self):
        return self._get_messages_action("action_service_inbox_quarantine")

    def _get_messages_action(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"service_management.{name}"
        )
        action["context"] = {
            **self.env["ir.actions.act_window"]._eval_context(action),
            "search_default_inbox_id": self.id,
        }
        return action

    # Whose mail is it

    @api.model
    def _find_by_recipients(self, addresses):
        """The mailbox that a mail was sent to, also with a reference after a plus."""
        plain = []
        for address in addresses:
            local, __, domain = address.rpartition("@")
            plain += [address, f"{local.partition('+')[0]}@{domain}"]
        if not plain:
            return self.browse()
        return self.sudo().search([("email_normalized", "in", plain)], limit=1)

    @api.model
    def _get_default(self, company):
        """The mailbox that orders of ``company`` are written about from."""
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    # Quarantine

    def _tell_of_quarantine(self):
        """One open activity for whoever looks after each mailbox, however many wait."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        for inbox in self:
            user = inbox.user_id or inbox.team_id.leader_id
            told = inbox.activity_ids.filtered(
                lambda activity: activity.activity_type_id == todo
            )
            if user and not told:
                inbox = inbox.with_context(lang=user.lang)
                inbox.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=inbox.env._("Mails wait in quarantine"),
                    user_id=user.id,
                )
