"""The `sigap` command: hosts services by entry point, else speaks to them over HTTP. Imports none of them."""
