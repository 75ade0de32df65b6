"""What we know: documents in, quotable passages out. Synchronous; no language model in the search path."""
