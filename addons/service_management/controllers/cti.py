from odoo.http import Controller, request, route


class CtiController(Controller):
    """Where a telephone system reports what happens on the line."""

    @route(
        "/service/cti/event",
        type="json2",
        auth="bearer",
        methods=["POST"],
        save_session=False,
    )
    def cti_event(self, **event):
        """One event as a JSON object; see docs/api.md for its fields."""
        return request.env["service.call"]._receive(event)
