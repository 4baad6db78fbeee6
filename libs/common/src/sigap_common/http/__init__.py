"""The HTTP edge: routes, guards, idempotency, problem documents, streams, pages, operations."""
