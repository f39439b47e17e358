from odoo import api, models, tools


class ServiceStage(models.Model):
    _inherit = "service.stage"

    @api.model
    @tools.ormcache()
    def _get_states_by_id(self) -> dict[int, str]:
        """State of each stage; the graphs of workflows are read with it."""
        # sudo: service.stage: the cached answer is the same for every user
        return {
            stage.id: stage.state for stage in self.sudo().search_fetch([], ["state"])
        }
