"""Intake's tables."""

from sigap_intake.models import alarms, blocks, callbacks, calls, incidents, presences, protection, referrals
from sigap_intake.models.registry import metadata, tables

# Each module adds its tables to the metadata.
__all__ = [
    "alarms",
    "blocks",
    "callbacks",
    "calls",
    "incidents",
    "metadata",
    "presences",
    "protection",
    "referrals",
    "tables",
]
