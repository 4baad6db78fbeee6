"""The connection to telephone exchanges: adapters that read their documents, and the spool that keeps their events."""
