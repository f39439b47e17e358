# The areas, in load order; an area knows only those before it.

# shared by several models
from . import mixins

# company, settings, partners, users
from . import base

# service types, stages, fault codes
from . import catalog

# areas, points, coverage, technicians, teams
from . import network

# installed base and warranty
from . import asset

# contracts
from . import agreement

# work items: what is somebody's to do now
from . import process

# orders and their events
from . import order

# offers and visits
from . import dispatch

# parts as stock moves
from . import parts

# every way in: mail inbox, calls, chat, interfaces, webhooks
from . import channel
