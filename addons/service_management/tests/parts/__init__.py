from . import test_parts_used
