from odoo import api, models


class ServiceWarrantyFrozenMixin(models.AbstractModel):
    """Terms that promises keep as they were: as data, in every language installed.

    A consumer has ``name`` (translated) and ``code``, and adds its own facts to
    ``_prepare_frozen_vals``.
    """

    _name = "service.warranty.frozen.mixin"
    _description = "Frozen in Warranty Promises"

    def _prepare_frozen_vals(self) -> dict:
        self.ensure_one()
        return {"code": self.code, "name": self._get_frozen_names()}

    def _get_frozen_names(self) -> dict:
        """Language code → name."""
        return {
            code: self.with_context(lang=code).name
            for code, __ in self.env["res.lang"].get_installed()
        }

    @api.model
    def _read_frozen_name(self, names) -> str:
        """The frozen name in the reader's language."""
        if isinstance(names, str):
            return names
        names = names or {}
        return names.get(self.env.lang or "en_US") or next(iter(names.values()), "")
