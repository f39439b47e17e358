from odoo.http import request, route

from .point_technician import URL, PointTechnicians


class PointStandby(PointTechnicians):
    """A service point says when its technicians are on call outside working hours."""

    @route(
        f"{URL}/<int:technician_id>/standby",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_standby(self, technician_id, start=None, end=None, **kw):
        def stand_by(technician):
            zone = self._get_point_zone(technician.point_id)
            technician._add_portal_standby(
                self._read_local_time(start, zone), self._read_local_time(end, zone)
            )

        return self._change_technician(
            technician_id,
            stand_by,
            request.env._("Noted: urgent jobs may come within this time."),
        )

    @route(
        f"{URL}/<int:technician_id>/standby/remove",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_standby_remove(self, technician_id, standby_id=None, **kw):
        key = self._service_id(standby_id)
        return self._change_technician(
            technician_id,
            lambda technician: technician._remove_portal_standby(key),
            request.env._("The standby was removed."),
        )

    def _render_technician(self, technician, values):
        response = super()._render_technician(technician, values)
        if technician:
            zone = self._get_point_zone(technician.point_id)
            response.qcontext["zone"] = str(zone)
        return response
