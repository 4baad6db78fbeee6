"""Files that roster reads and writes: lists, duty plans and their pages, hours, calendars."""
