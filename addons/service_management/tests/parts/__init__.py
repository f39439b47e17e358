from . import test_part_access
from . import test_part_catalog
from . import test_part_need
from . import test_part_race
from . import test_part_return
from . import test_parts_used
from . import test_part_warranty
