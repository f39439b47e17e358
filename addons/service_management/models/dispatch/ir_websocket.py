from odoo import models

BOARD_CHANNEL = "service_board"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Who asks for the board hears of the own companies' orders, if the role has
        a board. The channel itself is a record's: nobody can ask for it by name."""
        channels = list(channels)
        if BOARD_CHANNEL in channels:
            channels.remove(BOARD_CHANNEL)
            board = self.env["service.dispatch.board"]
            if board._is_dispatcher() or board._is_point_manager():
                channels += [
                    (company, BOARD_CHANNEL) for company in self.env.user.company_ids
                ]
        return super()._build_bus_channel_list(channels)
