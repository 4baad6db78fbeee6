#!/bin/sh
# Tries a backup: restores it into a folder of its own, starts it beside the running host without any network, runs a
# drill, checks the audit, and deletes the folder. Nothing of it reaches agencies. Run it as root.
#
#   SIGAP_USERNAME=... SIGAP_PASSWORD=... rehearse.sh BACKUP KEYS REGENCY
#
# The account is one of the backup, with the roles admin, operator and dispatcher. It ends with 0 if all of it worked.
set -eu
backup=${1:?"BACKUP: the folder of one backup"} keys=${2:?"KEYS: the folder of the keys"} regency=${3:?"REGENCY: a code"}
sigap=$(dirname "$(readlink -f "$0")")/sigap
folder=$(mktemp -d /var/lib/sigap-rehearsal.XXXXXX)
trap 'rm -rf "$folder"' EXIT
chown sigap:sigap "$folder"
"$sigap" restore "$backup" --keys "$keys" --data-dir "$folder/data"
grep -q '^SIGAP_KEY_RING=' /etc/sigap/sigap.env || [ -e "$folder/data/keys" ] || { echo "no keys in $keys" >&2; exit 1; }
unshare --net sh -eu -c '
    ip link set lo up
    "$1" run --data-dir "$2" > "$2.log" 2>&1 & host=$!
    trap "kill $host; wait $host || true" EXIT
    tries=120
    until /opt/sigap/.venv/bin/python -c "import httpx; httpx.get(\"http://127.0.0.1:8112/readyz\").raise_for_status()" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] && kill -0 "$host" || { tail -5 "$2.log"; exit 1; }
        sleep 1
    done
    "$1" drill --regency "$3"
    "$1" audit verify --data-dir "$2"
' sh "$sigap" "$folder/data" "$regency"
