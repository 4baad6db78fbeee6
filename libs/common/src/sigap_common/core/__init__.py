"""The ground floor: the pure model of an aggregate, errors, clock, ids, texts, formats, settings, private files."""
