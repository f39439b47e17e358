from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Whether a user can be asked to do something now: on duty, with the skills."""

    _inherit = "res.users"

    def _filter_on_duty(self, company=None, moment=None):
        """Users whose working hours include the moment and who are not on leave.

        A user without working hours of any kind counts as on duty: nothing is known
        that speaks against it.

        :param company: only the resources of this company, where a user has several
        :param moment: UTC; now by default
        """
        moment = moment or fields.Datetime.now()
        # sudo: resource.resource: only whether somebody works now is taken from it
        resources = (
            self.env["resource.resource"]
            .sudo()
            .search(
                Domain("user_id", "in", self.ids) & Domain("calendar_id", "!=", False)
            )
        )
        away = resources.env["resource.calendar.leaves"].search_fetch(
            Domain("resource_id", "in", resources.ids)
            & Domain("time_type", "=", "leave")
            & Domain("date_from", "<=", moment)
            & Domain("date_to", ">", moment),
            ["resource_id"],
        )
        # Public holidays and worked weekends are in the hours as clocks count them
        hours = self.env["resource.calendar"]
        working = resources.filtered(
            lambda row: hours._get_service_calendar(
                row.calendar_id.id, row.tz or ""
            ).is_working(moment)
        )
        working -= away.resource_id
        by_user = resources.grouped("user_id")
        on_duty = self.browse()
        for user in self:
            own = by_user.get(user, resources.browse())
            own = own.filtered(lambda row: row.company_id == company) or own
            if not own or own & working:
                on_duty += user
        return on_duty

    def _get_missing_skills(self, requirements) -> dict:
        """``{user: names of the required skills that the user lacks today}``.

        A user has the skills of the own technician record and of the own employee.
        """
        if not requirements or not self:
            return {}
        today = self.env.company._get_service_day()
        levels = defaultdict(dict)
        valid = Domain("skill_id", "in", requirements.skill_id.ids) & (
            Domain("valid_to", "=", False) | Domain("valid_to", ">=", today)
        )
        valid &= Domain("valid_from", "=", False) | Domain("valid_from", "<=", today)
        for model, path in (
            ("service.technician.skill", "technician_id"),
            ("hr.employee.skill", "employee_id"),
        ):
            # sudo: skills: only whether they suffice is taken from them
            skills = (
                self.env[model]
                .sudo()
                .search(valid & Domain(f"{path}.user_id", "in", self.ids))
            )
            for skill in skills:
                own = levels[skill[path].user_id]
                own[skill.skill_id] = max(
                    own.get(skill.skill_id, 0), skill.level_progress
                )
        return {
            user: names
            for user in self
            if (
                names := [
                    requirement.display_name
                    for requirement in requirements
                    if levels[user].get(requirement.skill_id, -1)
                    < requirement.level_id.level_progress
                ]
            )
        }
