from odoo import fields, models

CALL_FIELDS = ["service_extension", "service_call_pop"]


class ResUsers(models.Model):
    _inherit = "res.users"

    service_extension = fields.Char(
        string="Telephone Extension",
        copy=False,
        help="By this number the telephone system names the user.",
    )
    service_call_pop = fields.Selection(
        [
            ("answered", "Open the phone form when I answer"),
            ("ringing", "Open the phone form when it rings"),
            ("notify", "Only tell me who is calling"),
        ],
        string="Incoming Calls",
        default="answered",
        required=True,
    )

    _service_extension_uniq = models.UniqueIndex(
        "(service_extension) WHERE service_extension IS NOT NULL",
        "Another user has this telephone extension already.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + CALL_FIELDS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + CALL_FIELDS
