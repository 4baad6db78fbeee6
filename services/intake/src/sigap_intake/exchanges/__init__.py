"""How exchanges reach intake: adapters that read their documents, and the spool that keeps what they tell."""
