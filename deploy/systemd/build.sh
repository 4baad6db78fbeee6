#!/bin/sh
# Makes .venv in the source folder with what runs on a host, and without what tests need; first and at each upgrade.
# `$1` is uv.
set -eu
uv=${1:?"which uv? build.sh /opt/uv/bin/uv"}
cd "$(dirname "$0")/../.."
[ -x .venv/bin/python ] || "$uv" venv --quiet --python /usr/bin/python3 .venv
.ci/build-console "$uv"
# Exact: Node.js, with which the console was built, goes again.
"$uv" sync --quiet --frozen --no-dev --all-packages --no-install-package sigap-testing
# The services may not write here, and would compile everything anew at each start.
.venv/bin/python -m compileall -q .venv/lib libs services
