from odoo.exceptions import UserError
from odoo.http import request, route

from .customer_order import CustomerOrders


class CampaignLetter(CustomerOrders):
    """A customer answers the letter of a campaign, without signing in.

    The link is signed for one asset of one campaign. Looking changes nothing: mail
    programs open links by themselves.
    """

    @route(
        "/service/campaign/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_campaign(self, token, **kw):
        return self._render_campaign(token)

    @route(
        "/service/campaign/<string:token>/window",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_campaign_window(self, token, window=None, **kw):
        line = request.env["service.campaign.asset"]._find_by_answer(token)
        if not line.order_id:
            return self._render_campaign(token)
        with self._service_action(request.env._("We will come at the time you chose.")):
            if not line.order_id._can_reschedule():
                raise UserError(request.env._("The time cannot be changed any more."))
            window = self._service_text(window, 60)
            line.order_id._book_slot(*line.order_id._read_window(window))
        return self._service_redirect(f"/service/campaign/{token}")

    @route(
        "/service/campaign/<string:token>/wish",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_campaign_wish(self, token, preferred=None, **kw):
        line = request.env["service.campaign.asset"]._find_by_answer(token)
        preferred = self._service_text(preferred, 300)
        if not line.order_id or not preferred:
            return self._render_campaign(token)
        with self._service_action(
            request.env._("Your wish was passed on. We will get back to you.")
        ):
            line.order_id._ask_other_time(preferred)
        return self._service_redirect(f"/service/campaign/{token}")

    @route(
        "/service/campaign/<string:token>/refuse",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_campaign_refuse(self, token, note=None, **kw):
        line = request.env["service.campaign.asset"]._find_by_answer(token)
        if not line:
            return self._render_campaign(token)
        with self._service_action() as result:
            line._refuse_by_customer(self._service_text(note, 300))
        return self._render_campaign(token, "refused" if result["done"] else "")

    def _render_campaign(self, token, answered=""):
        """The letter with its times, or that there is nothing left to answer."""
        line = request.env["service.campaign.asset"]._find_by_answer(token)
        lang = line.partner_id.lang or request.env.lang
        return self._service_render(
            "service_portal.campaign_page",
            {
                "page_name": "service_campaign",
                "answered": answered,
                "answer_url": f"/service/campaign/{token}",
                "campaign": line.with_context(lang=lang)._get_portal_page()
                if line
                else False,
            },
        )
