from . import cti
from . import technician_calendar
