from datetime import datetime, timedelta

from odoo import api, fields, models

from odoo.addons.service_management.engine.candidate_ranking import great_circle_km

STEPS = [
    ("en_route", "On the Way"),
    ("on_site", "On Site"),
    ("done", "Done"),
]
# A phone that was without a network for longer than this tells no times any more.
MAX_DELAY = timedelta(days=7)


class ServiceVisitStep(models.Model):
    """When and where a step of a visit was reported. Kept, never judged: a place that
    is far away or unknown stops nobody."""

    _name = "service.visit.step"
    _description = "Visit Step"
    _order = "visit_id, date, id"
    _rec_name = "kind"

    visit_id = fields.Many2one(
        "service.visit", required=True, index=True, ondelete="cascade", readonly=True
    )
    kind = fields.Selection(STEPS, required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Reported By", readonly=True)
    has_position = fields.Boolean(readonly=True)
    latitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    longitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    accuracy = fields.Float(
        string="Accuracy (m)", digits=(10, 0), readonly=True, aggregator=None
    )
    distance_km = fields.Float(
        string="From the Site (km)", digits=(10, 2), readonly=True, aggregator="avg"
    )
    has_distance = fields.Boolean(readonly=True)


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    step_ids = fields.One2many("service.visit.step", "visit_id", readonly=True)

    def _note_step(self, kind, report=None):
        super()._note_step(kind, report)
        report = self._read_report(report)
        moments = {visit.id: visit._clamp_moment(report["date"]) for visit in self}
        self.env["service.visit.step"].create(
            [
                {
                    "visit_id": visit.id,
                    "kind": kind,
                    "date": moments[visit.id] or visit.order_id._get_moment(),
                    "user_id": self.env.uid,
                    **visit._prepare_position(report),
                }
                for visit in self
            ]
        )
        return moments[self.id] if len(self) == 1 else None

    @api.model
    def _read_report(self, report) -> dict:
        """What a device tells with a step, each part checked.

        :param dict report: ``date`` (UTC, ISO format), ``latitude``, ``longitude``
            in degrees and ``accuracy`` in metres; all of it may be missing
        """
        report = report if isinstance(report, dict) else {}
        latitude = _read_float(report.get("latitude"), -90, 90)
        longitude = _read_float(report.get("longitude"), -180, 180)
        is_known = latitude is not None and longitude is not None
        position = (latitude, longitude) if is_known else None
        return {
            "date": read_moment(report.get("date")),
            "position": position,
            "accuracy": _read_float(report.get("accuracy"), 0, 1e6) or 0.0,
        }

    def _clamp_moment(self, moment):
        """The time a device tells, held between the step before and now: its clock
        may be wrong, and nobody reports what is still to come."""
        self.ensure_one()
        now = fields.Datetime.now()
        if not moment or moment >= now:
            return None
        earliest = max([now - MAX_DELAY, *self.step_ids.mapped("date")])
        return max(moment, earliest) if earliest < now else None

    def _prepare_position(self, report) -> dict:
        self.ensure_one()
        if not report["position"]:
            return {}
        latitude, longitude = report["position"]
        distance = great_circle_km(self.order_id._get_position(), report["position"])
        return {
            "has_position": True,
            "latitude": latitude,
            "longitude": longitude,
            "accuracy": report["accuracy"],
            "has_distance": distance is not None,
            "distance_km": distance or 0.0,
        }


def _read_float(value, low, high):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None


def read_moment(value):
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo:
        moment = (moment - moment.utcoffset()).replace(tzinfo=None)
    return moment.replace(microsecond=0)
