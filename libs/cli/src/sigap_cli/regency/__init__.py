"""`sigap regency`: packs brought into a running system, and looked at."""
