from . import service_order_request
