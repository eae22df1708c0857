"""What the plugin does, a verb a file: receive, analyse, post, remind, reconcile, drain."""
