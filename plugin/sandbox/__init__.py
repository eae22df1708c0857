"""A stateful Zendesk and Freshdesk on localhost: paths, limits, quirks and webhooks, from the reference."""

from plugin.sandbox.account import Account, Setup
from plugin.sandbox.clocks import MovedClock
from plugin.sandbox.freshdesk.account import FreshAccount
from plugin.sandbox.play import play, play_all
from plugin.sandbox.script import Expected, Story, load_setups, load_stories
from plugin.sandbox.server import Sandbox, open_sandbox

__all__ = [
    "Account",
    "Expected",
    "FreshAccount",
    "MovedClock",
    "Sandbox",
    "Setup",
    "Story",
    "load_setups",
    "load_stories",
    "open_sandbox",
    "play",
    "play_all",
]
