"""Intake's HTTP side."""
