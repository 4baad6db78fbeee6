"""What dispatch does: load, decide, record; one transaction each, committed by whoever opened it."""
