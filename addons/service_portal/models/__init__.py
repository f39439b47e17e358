# The portal adds no business rule: only who may read what, and what pages show.

# addresses of forms, and the words of scripts
from . import base

# what portal users may read over RPC
from . import mixins

# which service types are offered to customers
from . import catalog

# orders for customers and for service points
from . import order
from . import parts

# assets for customers
from . import asset

# offers and jobs for service points
from . import dispatch

# orders out of live chats
from . import channel
