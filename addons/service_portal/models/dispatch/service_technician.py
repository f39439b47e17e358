import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

# What a service point says of its own people; anything else is not its to say.
TEXT_FIELDS = ("name", "phone", "vehicle")
MAX_LISTED = 200
# A standby is a night or a weekend, entered for the coming year at most
MAX_STANDBY = timedelta(days=7)
STANDBY_AHEAD = timedelta(days=366)


class ServiceTechnician(models.Model):
    """A technician on the pages of the own service point; expects sudo, found through
    the user's rules."""

    _name = "service.technician"
    _inherit = ["service.technician", "service.portal.guard"]

    _portal_readable = frozenset({"name", "phone", "point_id", "active"})

    def _get_portal_rows(self) -> list[dict]:
        return [
            {
                "id": technician.id,
                "url": f"/my/service/technicians/{technician.id}",
                "name": technician.name,
                "phone": technician.phone,
                "point": technician.point_id.name,
                "skills": [
                    skill.skill_id.name
                    for skill in technician.skill_ids
                    if skill.verification == "verified" and not skill._is_over()
                ],
                "waiting": sum(
                    skill.verification == "claimed" for skill in technician.skill_ids
                ),
            }
            for technician in self
        ]

    def _get_portal_page(self) -> dict:
        self.ensure_one()
        states = dict(
            self.skill_ids._fields["verification"]._description_selection(self.env)
        )
        leaves = self.env["resource.calendar.leaves"].search(
            Domain("resource_id", "=", self.resource_id.id)
            & Domain("date_to", ">=", fields.Datetime.now()),
            limit=20,
        )
        return {
            **self._get_portal_rows()[0],
            "vehicle": self.vehicle or "",
            "calendar_id": self.resource_calendar_id.id,
            "max_hours_day": self.max_hours_day,
            "tool_ids": self.tool_ids.ids,
            "lang_ids": self.lang_ids.ids,
            "login": self.user_id.login,
            "is_employee": bool(self._filter_employees()),
            "skill_lines": [
                {
                    "name": skill.skill_id.name,
                    "level": skill.skill_level_id.name,
                    "from": skill.valid_from,
                    "to": skill.valid_to,
                    "number": skill.number,
                    "state": states[skill.verification],
                    "colour": {"verified": "success", "claimed": "warning"}.get(
                        skill.verification, "danger"
                    ),
                    "is_over": skill._is_over(),
                }
                for skill in self.skill_ids
            ],
            "standbys": [
                {
                    "id": standby.id,
                    "start": standby.start,
                    "end": standby.end,
                    "place": standby.place_id.name,
                }
                for standby in self._get_coming_standbys().sorted("start")
            ],
            "leaves": [
                {"start": leave.date_from, "end": leave.date_to} for leave in leaves
            ],
        }

    @api.model
    def _get_portal_choices(self, points) -> dict:
        """What the forms offer to a user of these points."""
        # The calendars of a company say much about it: partners choose among those
        # that their points and people have, and the company's usual one
        calendars = (
            points.company_id.resource_calendar_id
            | points.resource_calendar_id
            | self.search([("point_id", "in", points.ids)]).resource_calendar_id
        )[:MAX_LISTED]
        skills = self.env["hr.skill"].search(
            self._get_portal_skill_domain(), limit=MAX_LISTED
        )
        return {
            "points": [(point.id, point.name) for point in points],
            "calendars": [(calendar.id, calendar.name) for calendar in calendars],
            "tools": [
                (tool.id, tool.name)
                for tool in self.env["service.tool"].search(
                    Domain.TRUE, limit=MAX_LISTED
                )
            ],
            "langs": [
                (lang.id, lang.name)
                for lang in self.env["res.lang"].search(Domain.TRUE)
            ],
            "levels": [
                (f"{skill.id}-{level.id}", f"{skill.name}: {level.name}")
                for skill in skills
                for level in skill.skill_type_id.skill_level_ids
            ],
        }

    @api.model
    def _get_portal_skill_domain(self) -> Domain:
        """Skills that requirements ask for, and those of the same kinds."""
        kind = self.env.ref("service_management.skill_type_service", False)
        kinds = self.env["service.skill.requirement"].search(Domain.TRUE).skill_type_id
        return Domain("skill_type_id", "in", (kinds | (kind or kinds)).ids)

    def _prepare_portal_vals(self, values, points) -> dict:
        """Values to write from what a form sent, by an allow-list (L32)."""
        choices = self._get_portal_choices(points)
        vals = {name: values.get(name) or False for name in TEXT_FIELDS}
        if not vals["name"]:
            raise UserError(self.env._("Name is missing."))
        if values.get("point_id") not in points.ids:
            raise UserError(self.env._("Please choose one of your service points."))
        calendar_id = values.get("calendar_id") or False
        if calendar_id and calendar_id not in dict(choices["calendars"]):
            raise UserError(self.env._("Please choose one of the values offered."))
        if self._filter_employees():
            # Not the point's to say, see service.technician._check_resource_is_ours
            vals = {name: vals[name] for name in TEXT_FIELDS if name != "name"}
        else:
            vals["resource_calendar_id"] = calendar_id
        tools, langs = dict(choices["tools"]), dict(choices["langs"])
        return vals | {
            "point_id": values["point_id"],
            "tool_ids": [Command.set([i for i in values["tool_ids"] if i in tools])],
            "lang_ids": [Command.set([i for i in values["lang_ids"] if i in langs])],
        }

    def _add_portal_skill(self, values, points):
        """A skill or certificate that the point claims; quality verifies the latter."""
        self.ensure_one()
        if values["level"] not in dict(self._get_portal_choices(points)["levels"]):
            raise UserError(self.env._("Please choose a skill."))
        skill_id, level_id = map(int, values["level"].split("-"))
        skill = self.env["hr.skill"].browse(skill_id)
        if skill.skill_type_id.is_certification and not values["content"]:
            raise UserError(self.env._("Please add a photo or PDF of the certificate."))
        try:
            start = fields.Date.to_date(values["valid_from"] or fields.Date.today())
            end = fields.Date.to_date(values["valid_to"] or False)
        except ValueError:
            raise UserError(self.env._("Please give dates as offered.")) from None
        lines = self.env["service.technician.skill"].create(
            {
                "technician_id": self.id,
                "skill_type_id": skill.skill_type_id.id,
                "skill_id": skill_id,
                "skill_level_id": level_id,
                "valid_from": start,
                "valid_to": end,
                "number": values["number"] or False,
                "certificate_name": values["filename"],
                "certificate_file": base64.b64encode(values["content"])
                if values["content"]
                else False,
            }
        )
        lines._claim(claimed_by_point=True)
        return lines

    def _get_coming_standbys(self):
        now = fields.Datetime.now()
        return self.standby_ids.filtered(lambda standby: standby.end > now)

    def _add_portal_standby(self, start, end):
        """The technician is on call between two moments (naive UTC)."""
        self.ensure_one()
        now = fields.Datetime.now()
        if not start or not end:
            raise UserError(self.env._("Please give start and end of the standby."))
        if not now < end or not start < end <= start + MAX_STANDBY:
            raise UserError(
                self.env._(
                    "A standby ends after it starts, after now, and within a week."
                )
            )
        if start > now + STANDBY_AHEAD:
            raise UserError(self.env._("Please choose a time within a year."))
        if self.standby_ids.filtered(
            lambda standby: standby.start < end and standby.end > start
        ):
            raise UserError(
                self.env._(
                    "%(name)s is on standby at this time already.", name=self.name
                )
            )
        self.env["service.standby"].create(
            {"technician_id": self.id, "start": start, "end": end}
        )

    def _remove_portal_standby(self, standby_id):
        """A standby that is to come goes, one that has begun ends now."""
        self.ensure_one()
        standby = self._get_coming_standbys().filtered(
            lambda standby: standby.id == standby_id
        )
        if not standby:
            raise UserError(self.env._("This standby has been removed already."))
        standby._call_off()

    def _archive_for_point(self):
        """The technician is planned no more."""
        self._refuse_for_employees()
        self.active = False

    def _refuse_for_employees(self):
        employees = self._filter_employees()
        if employees:
            raise UserError(
                self.env._(
                    "%(technician)s is an employee of the company. Please ask the "
                    "company.",
                    technician=employees[0].name,
                )
            )

    def _invite_to_portal(self, email):
        """Give the technician a user of the portal, and mail how to sign in."""
        self.ensure_one()
        if self.user_id:
            raise UserError(self.env._("%(name)s can sign in already.", name=self.name))
        self._refuse_for_employees()
        if not email or "@" not in email:
            raise UserError(self.env._("Please give an email address."))
        # Always a contact of its own: the address of somebody known would be changed.
        # Not below the point: its invoices and orders are not the technician's.
        partner = self.env["res.partner"].create(
            {
                "name": self.name,
                "email": email,
                "phone": self.phone,
                "company_id": self.company_id.id,
            }
        )
        wizard = self.env["portal.wizard"].create(
            {"partner_ids": [Command.set(partner.ids)]}
        )
        wizard.user_ids.action_grant_access()
        self.user_id = partner.user_ids[:1]


class ServiceTechnicianSkill(models.Model):
    _inherit = "service.technician.skill"

    def _is_over(self) -> bool:
        self.ensure_one()
        return bool(self.valid_to and self.valid_to < fields.Date.context_today(self))
