"""How they reach us: HTTP, streams, MCP and the command line. Every channel translates the same events."""
