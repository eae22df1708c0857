"""Followthrough: keeps a company honest with its customers, inside the helpdesk it already uses."""

__version__ = "0.1.0"
