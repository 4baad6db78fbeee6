"""The smallest whole service: doors that are knocked on. The frame's own tests run it."""
