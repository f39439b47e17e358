from dataclasses import replace

from odoo import api, fields, models


class ServiceCoverage(models.Model):
    _inherit = "service.coverage"

    @api.model
    def _find_covering(self, jobs):
        """Applicants do not count; a point whose papers have ended is refused."""
        found = super()._find_covering(jobs)
        # sudo: service.point: its state counts, whoever asks
        points = (
            self.env["service.point"]
            .sudo()
            .union(*(match.point for matches in found for match in matches))
        )
        applied = set(points.filtered(lambda point: point.state == "applied").ids)
        today = fields.Date.context_today(self)
        days = [job.day or today for job in jobs]
        refusals = {day: points._get_dispatch_refusals(day) for day in set(days)}
        if not applied and not any(refusals.values()):
            return found
        return [
            self._refuse(matches, applied, refusals[day])
            for matches, day in zip(found, days, strict=True)
        ]

    @api.model
    def _refuse(self, matches, applied, refusals):
        return sorted(
            (
                replace(match, refused=refusals[match.point.id])
                if match.point.id in refusals and not match.refused
                else match
                for match in matches
                if match.point.id not in applied
            ),
            key=lambda match: match.refused is not None,
        )
