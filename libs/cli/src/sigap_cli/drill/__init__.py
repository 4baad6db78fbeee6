"""`sigap drill`: an exercise from the call to the acknowledgement, the smoke test of an installation."""
