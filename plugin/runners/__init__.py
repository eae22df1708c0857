"""Who turns the crank: threads in the server's process, and the clock that wakes them."""
