import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import hash_sign, verify_hash_signed

_logger = logging.getLogger(__name__)

MAIL_BATCH = 50
SCOPE = "service-offer-answer"


class ServiceOffer(models.Model):
    """How a point hears of an offer, and what happens without a person's answer."""

    _inherit = "service.offer"

    is_pool = fields.Boolean(
        string="First Come First Served",
        readonly=True,
        help="Other service points were asked at the same time; the first has it.",
    )
    mail_due = fields.Boolean(readonly=True, copy=False)
    mailed_at = fields.Datetime(readonly=True, copy=False)

    _mail_idx = models.Index("(id) WHERE mail_due")

    # By itself

    def _accept_by_itself(self):
        """Accept what was offered to points that do not choose (sudo, by the flow)."""
        by_order = self.filtered("point_id.auto_accept").grouped("order_id")
        first = self.browse(offers[:1].id for offers in by_order.values())
        first.filtered(lambda offer: offer.order_id.state == "offered")._accept("auto")

    def _check_still_fits(self, via):
        """A pool stays open while points fill up: who grabs must still be allowed to.

        Offers of one point after the other were made for it; they hold, unless it gets
        no orders any more. A dispatcher may give it one all the same.
        """
        offers = self.sudo()  # sudo: service.offer: who may answer was checked
        is_desk = via in ("office", "auto") and (
            self.env.su
            or self.env.user.has_group("service_management.group_service_dispatcher")
        )
        for offer in offers.browse() if is_desk else offers:
            if not offer.point_id._is_open():
                raise UserError(
                    self.env._(
                        "%(order)s cannot be taken any longer: %(why)s.",
                        order=offer.order_id.name,
                        why=self._get_closed_reason(offer.point_id),
                    )
                )
        pooled = offers.filtered("is_pool")
        if not pooled:
            return
        decisions = pooled.order_id._rank_candidates()
        for offer in pooled:
            decision = decisions[offer.order_id.id]
            ranked = decision.find(offer.point_id.id)
            if not ranked.eligible:
                raise UserError(
                    self.env._(
                        "%(order)s cannot be taken any longer: %(why)s.",
                        order=offer.order_id.name,
                        why=decision.reasons_as_text(ranked),
                    )
                )

    def _get_closed_reason(self, point) -> str:
        labels = dict(point._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(point)s is '%(state)s' and gets no orders",
            point=point.display_name,
            state=labels[point.state],
        )

    # By mail

    def _ask_for_mail(self):
        """Have the offers mailed in the background, where points want that (sudo).

        What is replayed from a log is nobody's to answer.
        """
        if self.env["service.order"]._get_moments() is not None:
            return
        due = self.filtered(
            lambda offer: (
                offer.state == "offered"
                and offer.company_id.service_offer_mail
                and offer._get_mail_partners()
            )
        )
        if due:
            due.mail_due = True
            self.env.ref("service_management.cron_mail_offers")._trigger()

    def _get_mail_partners(self):
        """Who answers for the point: its users, else the point's own address."""
        self.ensure_one()
        point = self.point_id
        users = point.user_ids.filtered("active").partner_id.filtered("email")
        return users or point.partner_id.filtered("email")

    @api.model
    def _cron_mail_offers(self):
        self.env["service.job"]._run("offer_mail", self._mail_due)

    @api.model
    def _mail_due(self):
        """Mail the offers that still wait; one bad offer does not stop the others."""
        cron = self.env["ir.cron"]
        domain = [("mail_due", "=", True)]
        due = self.search(domain)
        left = cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), MAIL_BATCH):
            if left <= 0:
                break
            batch = due[start : start + MAIL_BATCH].try_lock_for_update()
            batch = batch.filtered_domain(domain)
            for offer in batch:
                offer._mail_one()
            batch.mail_due = False
            left = cron._commit_progress(len(batch))

    def _mail_one(self):
        now = fields.Datetime.now()
        if self.state != "offered" or self.expires_at <= now:
            return
        template = self.env.ref("service_management.mail_template_offer")
        try:
            with self.env.cr.savepoint():
                template.send_mail(
                    self.id,
                    email_values={
                        "recipient_ids": [
                            fields.Command.set(self._get_mail_partners().ids)
                        ]
                    },
                )
                self.mailed_at = now
        except Exception as error:
            _logger.exception("offer %s could not be mailed", self.id)
            self.env.invalidate_all(flush=False)
            self.order_id.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("The offer could not be sent by mail"),
                note=str(error),
                user_id=self.order_id.user_id.id or self.env.uid,
            )

    def _get_answer_url(self) -> str:
        """Where the mail's button leads: the offer in the back office."""
        self.ensure_one()
        return f"{self.get_base_url()}/odoo/service-offers/{self.id}"

    def _sign_answer(self) -> str:
        """What allows to answer this one offer, without signing in, while it waits."""
        self.ensure_one()
        return hash_sign(
            self.env(su=True),
            SCOPE,
            [self.id, self.point_id.id],
            expiration=self.expires_at - fields.Datetime.now() + timedelta(minutes=1),
        )

    @api.model
    def _find_by_answer(self, token):
        """The waiting offer (sudo) that the token was signed for, or none."""
        offers_sudo = self.sudo()
        try:
            found = verify_hash_signed(self.env(su=True), SCOPE, token)
        except (ValueError, TypeError):
            found = None
        if not found:
            return offers_sudo.browse()
        return offers_sudo.search(
            [
                ("id", "=", found[0]),
                ("point_id", "=", found[1]),
                ("point_id.active", "=", True),
                ("state", "=", "offered"),
                ("expires_at", ">", fields.Datetime.now()),
            ]
        )
