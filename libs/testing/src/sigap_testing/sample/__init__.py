"""The sample service, the smallest complete one: doors on which requests knock. Tests of the common library run it."""
