"""The parts that the sections of a regency's pack are made of.

Times are local times of the regency; the names of durations have the unit.
"""
