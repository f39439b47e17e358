from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import hash_sign, verify_hash_signed

SCOPE = "service-order-rating"
# How long after the work the customer is asked and may answer
ASK_DAYS = 3
ANSWER_DAYS = 30
ASK_BATCH = 50


class ServiceOrder(models.Model):
    """What the customer says of the service, from 1 to 5: once for each order.

    The customer is asked by mail when the work is done, and answers through a link
    signed for this order, or in the portal. An answer is a fact: it is not changed.
    """

    _inherit = "service.order"

    # At creation there is nothing to read
    rating_last_value = fields.Float(
        compute="_compute_rating_last_value", store=True, precompute=True
    )
    rating_asked_at = fields.Datetime(readonly=True, copy=False)

    _rating_due_idx = models.Index(
        "(date_done) WHERE rating_asked_at IS NULL AND state IN ('done', 'closed')"
    )

    @api.private
    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        """One answer for each order, whichever way it comes."""
        ratings = rating or self.env["rating.rating"]
        if token:
            ratings = ratings.search([("access_token", "=", token)], limit=1)
        if ratings and ratings.sudo().res_id != self.id:
            raise UserError(self.env._("This rating is not about this order."))
        return self._rate(rate, feedback)

    def _rate(self, value, feedback="", way="mail"):
        """Keep the customer's answer; who may give it was checked.

        :param int value: 1 (bad) to 5 (very good)
        :return: the ``rating.rating``, in sudo
        """
        self.ensure_one()
        # sudo: service.order, rating.rating: the answer is the customer's
        order_sudo = self.sudo()
        if value not in (1, 2, 3, 4, 5):
            raise UserError(self.env._("Please choose from one to five stars."))
        if not order_sudo._is_ratable():
            raise UserError(self.env._("This order cannot be rated (any more)."))
        # Two answers at once: the second finds the first
        order_sudo.lock_for_update()
        order_sudo.invalidate_recordset(["rating_ids"])
        if order_sudo._get_given_ratings():
            raise UserError(self.env._("You have rated this order already."))
        token = order_sudo._rating_get_access_token()
        rating_sudo = order_sudo.rating_ids.filtered(
            lambda rating: rating.access_token == token
        )
        rating_sudo.write({"rating": value, "feedback": feedback, "consumed": True})
        order_sudo._log_event(
            "rated", name=f"{value}/5", data={"rating": value, "way": way}
        )
        if feedback:
            order_sudo.message_post(
                body=self.env._(
                    "Rated %(value)s of 5: %(feedback)s",
                    value=value,
                    feedback=feedback,
                ),
                author_id=order_sudo.partner_id.id or None,
                subtype_xmlid="mail.mt_note",
            )
        return rating_sudo

    def _is_ratable(self) -> bool:
        self.ensure_one()
        since = fields.Datetime.now() - timedelta(days=ANSWER_DAYS)
        return bool(
            self.state in ("done", "closed")
            and self.date_done
            and self.date_done >= since
        )

    def _get_given_ratings(self):
        # sudo: rating.rating: read by whoever may read the order
        return self.sudo().rating_ids.filtered("consumed")

    def _rating_get_operator(self):
        """Who is rated is the technician; the point follows from the order."""
        return self.env["res.partner"]

    # Asking

    @api.model
    def _cron_ask_for_ratings(self):
        self.env["service.job"]._run("rating_ask", self._ask_for_ratings)

    @api.model
    def _get_rating_ask_domain(self) -> Domain:
        now = fields.Datetime.now()
        return (
            Domain("rating_asked_at", "=", False)
            & Domain("state", "in", ("done", "closed"))
            & Domain("date_done", ">", now - timedelta(days=ASK_DAYS))
            & Domain("channel", "!=", "import")
            & Domain("company_id.service_rating_mail", "=", True)
        )

    @api.model
    def _ask_for_ratings(self):
        """Ask the customers of orders just done, each order once.

        The mark is committed with the mail: one that cannot be written to is marked,
        too, and holds up nobody.
        """
        cron = self.env["ir.cron"]
        domain = self._get_rating_ask_domain()
        due = self.search(domain)
        left = cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), ASK_BATCH):
            if left <= 0:
                break
            batch = due[start : start + ASK_BATCH].try_lock_for_update()
            batch = batch.filtered_domain(domain)
            batch._ask_for_rating()
            left = cron._commit_progress(len(batch))
        return len(due)

    def _ask_for_rating(self):
        template = self.env.ref("service_management.mail_template_rating")
        self.rating_asked_at = fields.Datetime.now()
        for order in self:
            if order._get_rating_email() and not order._get_given_ratings():
                template.send_mail(order.id)

    def _get_rating_email(self) -> str:
        return self.email or self.partner_id.email or ""

    def _get_rating_url(self) -> str:
        """Where the mail's button leads; the portal has a page of its own."""
        self.ensure_one()
        return f"{self.get_base_url()}/rate/{self._rating_get_access_token()}/5"

    def _sign_rating(self) -> str:
        """What allows to rate this one order, without signing in."""
        self.ensure_one()
        return hash_sign(
            self.env(su=True),
            SCOPE,
            [self.id],
            expiration=timedelta(days=ANSWER_DAYS),
        )

    @api.model
    def _find_by_rating(self, token):
        """The order (sudo) that the token was signed for and that waits, or none."""
        orders_sudo = self.sudo()
        try:
            payload = verify_hash_signed(self.env(su=True), SCOPE, token)
        except ValueError:
            payload = None
        order = orders_sudo.browse(payload).exists() if payload else orders_sudo
        return order.filtered(
            lambda order: order._is_ratable() and not order._get_given_ratings()
        )
