from . import test_company_rules
from . import test_demo
from . import test_job
from . import test_named_in_archive
from . import test_phone_key
from . import test_queue
from . import test_role_rules
from . import test_translations
