from . import test_offer
from . import test_offer_ways
from . import test_race
from . import test_ranking
from . import test_visit
from . import test_wizards
from . import test_ready_workflows
from . import test_visit_day_coverage
