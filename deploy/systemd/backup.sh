#!/bin/sh
# One backup into a folder of its own below $BACKUPS, then those that are older than $BACKUP_DAYS days are deleted.
# `$1` is the command sigap. Nothing is deleted unless the new backup is whole.
set -eu
new="$BACKUPS/$(date -u +%Y-%m-%dT%H%M%SZ)"
"$1" backup "$new"
# A folder without backup.json is what a backup left that broke off.
find "$BACKUPS" -mindepth 1 -maxdepth 1 -type d -name '20*Z' ! -path "$new" \
    \( -mtime "+$BACKUP_DAYS" -o ! -exec test -e '{}/backup.json' \; \) -exec rm -r '{}' +
