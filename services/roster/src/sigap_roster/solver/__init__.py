"""Fills rosters: the queue of solves, the process that each runs in, and the solver itself, which only that process
loads.
"""
