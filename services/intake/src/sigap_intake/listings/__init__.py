"""Intake's lists: their orders and filters."""
