"""The gateway's use cases. Each loads, decides and records within the given transaction."""
