"""Everything we know about tickets, promises, preferences and causes; pure: no I/O, no clock, no framework."""
