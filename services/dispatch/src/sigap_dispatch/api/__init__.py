"""Dispatch's HTTP side."""
