from . import point_settlement
