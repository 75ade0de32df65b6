"""How we answer: a question in, a stream of events out. Asynchronous; no HTTP."""
