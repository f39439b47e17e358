from datetime import datetime

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# A window as forms send it: start and end in UTC, to the minute
STAMP = "%Y-%m-%dT%H:%M"


class ServiceOrder(models.Model):
    """The time that a customer wishes while the request is being filed.

    The form shows the windows of an order that is not stored. The request is taken
    whatever becomes of the wish: what cannot be promised is left to the service desk.
    """

    _inherit = "service.order"

    @api.model
    def _get_request_windows(self, vals) -> list[dict]:
        """Windows that a request with these values could be promised, as
        `_get_window_choices`; none where nobody has to come.

        The caller has checked that the user may ask with these values.
        """
        # sudo: service.order: never stored; only free windows are told
        order = self.sudo().new(vals)
        if not order.type_id.visit_required:
            return []
        return order._get_window_choices()

    def _get_window_choices(self) -> list[dict]:
        """The windows to choose from, without how many places are left.

        :return: ``{"value", "text", "day", "hours", "is_chosen"}``
        """
        self.ensure_one()
        choices = []
        for window in self._get_free_windows():
            start, end = window["start"], window["end"]
            text = self._get_window_text(start, end, window["zone"])
            day, __, hours = text.partition(" ")
            choices.append(
                {
                    "value": f"{start:{STAMP}}/{end:{STAMP}}",
                    "text": text,
                    "day": format_date(self.env, day, date_format="EEE, yyyy-MM-dd"),
                    "hours": hours,
                    "is_chosen": start == self.slot_start,
                }
            )
        return choices

    @api.model
    def _read_window(self, value) -> tuple[datetime, datetime]:
        """Start and end (UTC) of a window that a form sent.

        :raises UserError: it is none
        """
        try:
            start, end = (
                datetime.strptime(part, STAMP) for part in (value or "").split("/")
            )
        except ValueError:
            raise UserError(self.env._("Please choose one of the times.")) from None
        return start, end

    def _take_wish(self, window=None, wants_call=False) -> str:
        """Promise the window that came with the request, else pass the wish on.

        :param window: start and end (UTC), if one was chosen
        :param bool wants_call: the customer asks to be called to agree on a time
        :return: what the customer has to be told when somebody else was faster; else
            an empty text
        """
        self.ensure_one()
        refusal = ""
        if window:
            try:
                with self.env.cr.savepoint():
                    self._book_slot(*window)
            except UserError as error:
                self.invalidate_recordset()
                refusal = error.args[0]
                self.date_preferred = self._get_window_text(*window)
        if refusal or wants_call:
            self._schedule_for_desk(
                self._with_desk_lang().env._("Call the customer to agree on a time"),
                self.date_preferred or "",
                kind="mail.mail_activity_data_call",
            )
        return refusal
