"""Example requests and answers for the API's documentation."""
