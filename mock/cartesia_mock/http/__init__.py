"""From an HTTP request to a handler: routing, authentication, validation and limits."""
