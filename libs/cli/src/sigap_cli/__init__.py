"""The `sigap` command. It starts services, which it finds by entry point, and sends requests to them over HTTP. It
imports no service.
"""
