"""What needs a learning library: nothing outside this room imports one."""
