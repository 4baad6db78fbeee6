"""What lists show of a row, written where the row is recorded."""
