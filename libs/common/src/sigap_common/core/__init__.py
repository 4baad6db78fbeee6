"""The lowest package, without database and web framework: the pure model of an aggregate, errors, clock, ids, texts,
formats, settings, private files.
"""
