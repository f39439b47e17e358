from odoo import api, fields, models


class ServiceTechnician(models.Model):
    """What a technician starts the day with: where, in what, with what, how long."""

    _inherit = "service.technician"

    tool_ids = fields.Many2many("service.tool", string="Tools Carried")
    lang_ids = fields.Many2many(
        "res.lang",
        string="Languages",
        help="Languages the technician speaks with customers.",
    )
    base_partner_id = fields.Many2one(
        "res.partner",
        string="Starts From",
        index="btree_not_null",
        check_company=True,
        help="The address where the day begins and ends. Empty: at the service point.",
    )
    vehicle = fields.Char(
        help="The van, such as by its number plate. A stock location below that of the "
        "service point is made for it."
    )
    vehicle_location_id = fields.Many2one(
        "stock.location",
        string="Vehicle's Stock",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    standby_ids = fields.One2many("service.standby", "technician_id")
    designated_partner_ids = fields.Many2many(
        "res.partner",
        relation="service_technician_designated_rel",
        column1="technician_id",
        column2="partner_id",
        string="Designated Customers",
        help="Customers who want this technician; planning sends him or her first.",
    )
    max_hours_day = fields.Float(
        string="Hours a Day at Most",
        help="Hours of visits on one day, without the way to them; the working hours "
        "bound the whole day. Zero: without a limit.",
    )

    _max_hours_in_day = models.Constraint(
        "CHECK (max_hours_day BETWEEN 0 AND 24)",
        "The hours a day lie between 0 and 24.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        technicians = super().create(vals_list)
        technicians.filtered("vehicle")._make_vehicle_locations()
        return technicians

    def write(self, vals):
        result = super().write(vals)
        if "vehicle" in vals or "point_id" in vals:
            self.filtered("vehicle")._make_vehicle_locations()
        return result

    def _make_vehicle_locations(self):
        """Give each vehicle a stock location; keep name and place."""
        # sudo: stock.location: who may keep technicians need not be allowed to
        # configure the warehouse
        technicians_sudo = self.sudo()
        missing = technicians_sudo.filtered(lambda tech: not tech.vehicle_location_id)
        for technician in technicians_sudo - missing:
            technician.vehicle_location_id.write(
                technician._prepare_vehicle_location_vals()
            )
        locations = self.env["stock.location"].sudo()
        for technician, location in zip(
            missing,
            locations.create(
                [technician._prepare_vehicle_location_vals() for technician in missing]
            ),
            strict=True,
        ):
            technician.vehicle_location_id = location

    def _prepare_vehicle_location_vals(self) -> dict:
        self.ensure_one()
        return {
            "name": f"{self.vehicle} {self.name}",
            "usage": "internal",
            # Beside the point's stock, not in it: what is taken from the point must
            # never come out of a van
            "location_id": self.company_id._get_service_point_location().id,
            "company_id": self.company_id.id,
        }

    def _get_base_position(self) -> tuple[float, float] | None:
        """Latitude and longitude where the day starts: the base, else the point's
        address, else the middle of the point's area."""
        self.ensure_one()
        # sudo: res.partner: planning needs the place, whoever asks
        technician_sudo = self.sudo()
        point_sudo = technician_sudo.point_id
        for partner in (technician_sudo.base_partner_id, point_sudo.partner_id):
            if partner.partner_latitude or partner.partner_longitude:
                return (partner.partner_latitude, partner.partner_longitude)
        area = point_sudo.area_id
        if area.latitude or area.longitude:
            return (area.latitude, area.longitude)
        return None

    def _get_on_standby(self, start, end):
        """Those of the technicians who are on call at some time from ``start`` on and
        before ``end`` (naive UTC)."""
        rows_sudo = self._find_standbys(start, end)
        return self & rows_sudo.technician_id.sudo(self.env.su)

    def _get_groups_on_standby(self, start, end) -> list:
        """Who of the technicians is on call at the same time, from ``start`` on and
        before ``end`` (naive UTC): one group for each time at which somebody begins."""
        rows_sudo = self._find_standbys(start, end)
        groups = {
            rows_sudo.filtered(
                lambda row, since=since: max(row.start, start) <= since < row.end
            ).technician_id.sudo(self.env.su)
            for since in {max(row.start, start) for row in rows_sudo}
        }
        return sorted(groups, key=len, reverse=True)

    def _find_standbys(self, start, end):
        # sudo: service.standby: who is on call is the same for all
        return (
            self.env["service.standby"]
            .sudo()
            .search_fetch(
                [
                    ("technician_id", "in", self.ids),
                    ("start", "<", end),
                    ("end", ">", start),
                ],
                ["technician_id", "start", "end"],
            )
        )


class ServicePoint(models.Model):
    _inherit = "service.point"

    tool_ids = fields.Many2many(
        "service.tool",
        string="Tools at the Point",
        help="Technicians fetch them on the day they need them. How many there are is "
        "not counted.",
    )
