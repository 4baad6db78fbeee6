"""`sigap regency`: applies packs to a running system, and shows them."""
