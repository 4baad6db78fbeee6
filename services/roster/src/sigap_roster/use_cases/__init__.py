"""Roster's use cases. Each loads, decides and records in one transaction, which its caller opens and commits."""
