"""Channels: the ways to reach an agency. Each is a plugin, found by the entry point group `sigap.channels`.

An entry point names a factory. It is called once in each process with the gateway's settings, and returns a Channel.
"""

from sigap_agency_gateway.channels.port import Attempt, Channel, ChannelFactory, Complaint, Receiver

__all__ = ["Attempt", "Channel", "ChannelFactory", "Complaint", "Receiver"]
