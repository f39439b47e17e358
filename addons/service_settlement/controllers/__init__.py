from . import point_settlement
from . import point_claim
from . import collection
