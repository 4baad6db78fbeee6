"""Mechanisms that at least two services use, and the contracts of the events between them."""
