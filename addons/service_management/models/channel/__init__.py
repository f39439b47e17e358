from . import res_company
from . import res_config_settings
from . import res_partner
from . import res_users
from . import service_order_request
from . import service_call_event
from . import service_call
from . import service_order_call
from . import service_request_import_line
from . import service_request_import

# mail: boxes, what comes in, what goes out
from . import service_inbox
from . import service_inbox_message
from . import service_inbox_message_settle
from . import service_inbox_message_decide
from . import service_order_mail
from . import fetchmail_server
from . import mail_mail
from . import mail_thread
