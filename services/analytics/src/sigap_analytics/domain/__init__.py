"""Figures from events: pure, without database or framework.

An event says something of facts (`sayings`), a fact is the merge of what was said of it (`merge`), a row of a
table is what follows from it (`columns`), a figure is what facts add to it (`figures`, `catalogue`).
"""
