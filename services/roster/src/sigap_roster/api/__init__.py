"""Roster's HTTP side."""
