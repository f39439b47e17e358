from . import test_parts_used
from . import test_part_race
from . import test_part_need
