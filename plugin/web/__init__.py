"""What answers over HTTP: the webhooks, health, and the pages."""
