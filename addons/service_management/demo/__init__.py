from . import service_demo
from . import mail_demo
from . import channel_demo
from . import people_demo
from . import board_demo
