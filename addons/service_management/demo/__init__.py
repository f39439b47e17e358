from . import service_demo
from . import mail_demo
