from odoo.http import Controller, request, route


class TechnicianCalendarController(Controller):
    @route(
        "/service/calendar/<string:token>.ics",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def technician_calendar(self, token, **kwargs):
        """The coming visits of the technician whose secret this is."""
        content = request.env["service.technician"]._get_calendar_file(token)
        if content is None:
            raise request.not_found()
        return request.make_response(
            content,
            [
                ("Content-Type", "text/calendar; charset=utf-8"),
                ("Content-Disposition", "inline; filename=visits.ics"),
                ("Cache-Control", "private, no-store"),
                ("Referrer-Policy", "no-referrer"),
                ("X-Robots-Tag", "noindex"),
            ],
        )
