"""The test kit: what tests of all services share, such as real parts, a clock to set, and waiting with a deadline."""
