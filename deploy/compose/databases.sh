#!/bin/bash
# Runs once, when PostgreSQL's volume is new: a database and its owner for each service, and for Keycloak.
set -euo pipefail

for name in intake dispatch agency_gateway roster analytics keycloak; do
    psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 \
        --set name="$name" --set password="$SIGAP_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
