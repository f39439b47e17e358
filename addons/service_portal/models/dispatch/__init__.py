from . import service_offer
from . import service_order
from . import service_visit
from . import service_visit_day
from . import service_scorecard
from . import service_technician
