"""Computes figures from events. It is pure: it has no database and no framework.

An event gives updates of facts (`fact_updates`). A fact is the merge of its updates (`facts`). A table's row is
computed from a fact (`columns`), and figures are summed from facts (`figures`, `catalogue`).
"""
