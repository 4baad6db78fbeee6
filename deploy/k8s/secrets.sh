#!/bin/sh
# Prints the Secrets of an overlay (pilot, city, nation) with new random values:
#
#   deploy/k8s/secrets.sh city | kubectl create --namespace sigap -f -
#
# Run it once: `create` refuses what is there already. Keep a copy of sigap-keys in another place than the databases'
# backups: without it nobody can read a number, a name or an address again.
set -eu

labels=
secret() {  # NAME TYPE KEY VALUE [KEY VALUE]...
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, labels: {%s}}\ntype: %s\nstringData:\n' \
        "$1" "$labels" "$2"
    shift 2
    while [ $# -gt 0 ]; do printf '  %s: "%s"\n' "$1" "$2"; shift 2; done
}

shared=$(openssl rand -hex 24)
case "${1:?pilot, city or nation}" in
pilot)
    secret pilot-postgres Opaque superuser "$(openssl rand -hex 24)" password "$shared"
    secret pilot-keycloak Opaque admin "$(openssl rand -hex 24)" cti "$(openssl rand -hex 24)"
    password() { echo "$shared"; }
    ;;
city | nation) password() { openssl rand -hex 24; } ;;
*) echo "pilot, city or nation" >&2; exit 2 ;;
esac
secret sigap-keys Opaque SIGAP_KEY_RING "k1:$(openssl rand -base64 32)"
labels='cnpg.io/reload: "true"'  # CloudNativePG takes a changed password at once
for name in intake dispatch agency_gateway roster analytics; do
    secret "$(echo $name | tr _ -)-database" kubernetes.io/basic-auth username $name password "$(password)"
done
