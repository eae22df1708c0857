"""A stateful Freshdesk on localhost: its paths, limits, quirks and deliveries, written from the reference."""
