"""The use cases of intake. Each loads, decides and records in one transaction."""
