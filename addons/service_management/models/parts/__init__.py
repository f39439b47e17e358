from . import service_part_guard
from . import stock_move
from . import service_visit
from . import service_order
from . import service_part_need
from . import service_order_part_need
from . import service_order_part_points
from . import service_planning_run
