"""The sockets of the house: what the core asks of helpdesks, storage and clocks, and the values that cross them."""

from plugin.ports.accounts import Account, Delivery, Doorbell, Mode
from plugin.ports.desks import Capabilities, Changes, Connector, DigestNote, Hours, Identity, Page, PageRequest, Viewer
from plugin.ports.jobs import Job, Queue
from plugin.ports.kept import Accounts, History, KeptCard, Ledger
from plugin.ports.lessons import (
    Correction,
    Corrections,
    Emerging,
    KeptModel,
    KeptProposal,
    KeptTaxonomy,
    Models,
    Taxonomies,
    Unexplained,
)
from plugin.ports.moments import Clock, Disconnected, LostLease, Refused, Rejected, Temporary
from plugin.ports.people import Human, Override, People, Preferences
from plugin.ports.reports import Digests, Figures, KeptDigest, Overview, Pulse, SeenTicket
from plugin.ports.storage import Keeping, Storage, Unit

__all__ = [
    "Account",
    "Accounts",
    "Capabilities",
    "Changes",
    "Clock",
    "Connector",
    "Correction",
    "Corrections",
    "Delivery",
    "DigestNote",
    "Digests",
    "Disconnected",
    "Doorbell",
    "Emerging",
    "Figures",
    "History",
    "Hours",
    "Human",
    "Identity",
    "Job",
    "Keeping",
    "KeptCard",
    "KeptDigest",
    "KeptModel",
    "KeptProposal",
    "KeptTaxonomy",
    "Ledger",
    "LostLease",
    "Mode",
    "Models",
    "Override",
    "Overview",
    "Page",
    "PageRequest",
    "People",
    "Preferences",
    "Pulse",
    "Queue",
    "Refused",
    "Rejected",
    "SeenTicket",
    "Storage",
    "Taxonomies",
    "Temporary",
    "Unexplained",
    "Unit",
    "Viewer",
]
