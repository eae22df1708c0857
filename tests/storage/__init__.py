"""What the storage promises, asked of both engines."""
