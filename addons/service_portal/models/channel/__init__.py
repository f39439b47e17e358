from . import service_order
from . import discuss_channel
from . import chatbot_script_step
