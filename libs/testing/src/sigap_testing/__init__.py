"""What tests of all services share: real parts, a clock to set, waiting with a deadline."""
