from . import test_access
from . import test_budget
from . import test_channel
from . import test_events_append_only
from . import test_flow
