from . import res_company
from . import res_config_settings
from . import res_partner
from . import res_users
from . import service_asset

# interfaces, spreadsheets
from . import service_order_request
from . import service_request_import_line
from . import service_request_import

# telephone
from . import service_call_event
from . import service_call
from . import service_order_call

# mail: boxes, what comes in, what goes out
from . import service_inbox
from . import service_inbox_message
from . import service_inbox_message_settle
from . import service_inbox_message_decide
from . import service_order_mail
from . import fetchmail_server
from . import mail_mail
from . import mail_thread

# what other systems hear
from . import service_webhook
from . import service_webhook_delivery
from . import service_order_webhook

# one queue of requests, and those that came in twice
from . import service_order_duplicate
from . import service_order_merge
from . import service_request
