# what is guarded, and where parts are
from . import service_part_guard
from . import service_part_flow
from . import stock_quant
from . import res_company
from . import res_company_supply
from . import res_config_settings
from . import res_users
from . import service_point
from . import service_part_place

# products: what comes back, what fits, what follows
from . import product_category
from . import product_product
from . import product_template
from . import service_part_bom
from . import service_part_kit

# movements
from . import stock_move
from . import stock_move_parts
from . import stock_move_component
from . import service_order_event
from . import service_visit
from . import service_visit_parts
from . import service_order
from . import service_asset
from . import service_asset_history
from . import service_part_movement
from . import service_part_stock
from . import service_part_return
from . import service_part_return_flow
from . import service_part_reminder
from . import service_part_exchange

# supply of points and vans
from . import stock_rule
from . import service_part_search
from . import service_part_request
from . import service_part_request_line
from . import stock_picking
from . import service_part_difference
from . import service_part_surplus
from . import service_part_count
from . import service_part_count_line

# what a job needs
from . import service_part_need
from . import service_part_reservation
from . import service_order_part_need
from . import service_order_part_points
from . import service_planning_run
from . import service_operation
from . import service_technician_day

# what the warranty says of them
from . import service_order_warranty
from . import service_visit_warranty
from . import service_part_need_warranty

# which part is where: pictures with markers
from . import service_part_diagram
from . import service_part_hotspot
from . import service_part_diagram_mixin
from . import product_template_diagram
from . import product_product_diagram
from . import service_asset_diagram
from . import service_order_diagram
from . import service_visit_diagram
