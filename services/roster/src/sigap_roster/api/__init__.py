"""Roster's HTTP API."""
