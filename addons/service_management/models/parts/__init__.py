from . import service_part_guard
from . import stock_move
from . import service_visit
from . import service_order
