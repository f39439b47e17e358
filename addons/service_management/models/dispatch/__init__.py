from . import service_technician
from . import service_offer
from . import service_visit_crew
from . import service_visit
from . import service_order
from . import service_order_ranking
from . import service_order_desk
from . import service_workitem
