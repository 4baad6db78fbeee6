"""The schemas of requests and answers over HTTP."""
