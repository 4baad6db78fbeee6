"""What the gateway does: each loads, decides and records within the transaction it is given."""
