"""`sigap replay`: historic rows through the public API, with simulated operators and agencies."""
