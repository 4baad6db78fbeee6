#!/bin/sh
# Adds a new key to the key ring, and lets all pods seal with it:
#
#   deploy/k8s/rotate-key.sh FOLDER
#
# FOLDER is in a safe place: the Secret with the new key is written there before the cluster has it. Pods of before and
# after run side by side, so all learn the key first, and seal with it in a second step. It stops at the first command
# that fails. Then run it again from the beginning: it takes no key away, and adds another one.
set -eu

folder=${1:?a folder in a safe place, for the Secret with the new key}
here=$(dirname "$0")
trap '[ $? -eq 0 ] || echo "Not finished. Mend what failed, and run it again from the beginning." >&2' EXIT

put() {  # RING; only if nobody has changed the Secret since this script read it
    version=$(printf 'metadata: {resourceVersion: "%s"}\nstringData: {SIGAP_KEY_RING: "%s"}\n' "$version" "$1" |
        kubectl -n sigap patch secret sigap-keys --patch-file /dev/stdin -o jsonpath='{.metadata.resourceVersion}')
}

found=$(kubectl -n sigap get secret sigap-keys -o jsonpath='{.metadata.resourceVersion} {.data.SIGAP_KEY_RING}')
version=${found%% *}
ring=$(printf %s "${found#* }" | base64 -d)
ring=$(printf %s "$ring" | tr -d '[:space:]')
case "$ring" in *:*) ;; *) echo "The Secret sigap-keys holds no key ring. Nothing was changed." >&2; exit 1 ;; esac

id="k$(date -u +%Y%m%d-%H%M%S)"  # 16 characters: a key's id may have no more
case ",$ring" in *",$id:"*) echo "The ring has a key $id already. Nothing was changed." >&2; exit 1 ;; esac
new="$id:$(openssl rand -base64 32)"
# The hashes by which numbers are found are made by the oldest key, unless the ring names one for them.
case ",$ring" in *,lookup:*) ;; *) ring="$ring,lookup:${ring##*:}" ;; esac
(
    umask 077
    printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: sigap-keys}\ntype: Opaque\nstringData: {SIGAP_KEY_RING: "%s"}\n' \
        "$new,$ring" > "$folder/sigap-keys-$id.yaml"
)

echo "1 of 2: all pods learn the key $id."
put "$ring,$new"
"$here/restart.sh"
sleep 45  # the longest that the last pods of before, which do not know the key, may take to end
echo "2 of 2: all pods seal with it."
put "$new,$ring"
"$here/restart.sh"
