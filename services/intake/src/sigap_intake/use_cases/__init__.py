"""What one can do with calls: load, decide, record; one transaction each."""
