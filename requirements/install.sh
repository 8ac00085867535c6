#!/bin/sh
# Make or bring up to date the environment in .venv: `sh requirements/install.sh run` (what the server needs) or
# `dev` (tests and checks too). The lock files name versions and hashes; where packages come from is the business of
# pip's and uv's own settings (environment or configuration files), none is written here.
set -eu
cd "$(dirname "$0")/.."
wanted=$1

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

python=
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if supported "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11, 3.12 or 3.13 is needed; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true)." >&2
    echo "Name another one: make PYTHON=/path/to/python3" >&2
    exit 1
fi

# An environment of another place (a copied folder) or of a Python that is gone does not work: make it anew.
if ! supported .venv/bin/python || [ "$(cat .venv/.place 2>/dev/null)" != "$PWD" ]; then
    echo "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv --without-pip .venv
    printf '%s' "$PWD" >.venv/.place
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore UV_PYTHON_DOWNLOADS=never
# uv keeps downloads in the home; without one that can be written it does without.
mkdir -p "${UV_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/uv}" 2>/dev/null || export UV_NO_CACHE=1
# pip's index is uv's too, unless uv has its own.
index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="$index"
fi

if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
    export SSL_CERT_FILE="$PIP_CERT"
fi

if ! .venv/bin/uv --version >/dev/null 2>&1; then
    "$python" -m pip --python .venv/bin/python install --quiet --require-hashes -r requirements/bootstrap.txt
fi
pip() {
    command=$1
    shift
    .venv/bin/uv pip "$command" --python .venv/bin/python "$@"
}

# Compiled at once: the start must be quick even where Python may not write its caches.
export UV_COMPILE_BYTECODE=1
case $wanted in
# Adds and updates, removes nothing: the tools of `dev` may stay.
run) pip install --require-hashes -r requirements/run.txt ;;
dev) pip sync --require-hashes requirements/dev.txt requirements/bootstrap.txt ;;
*) echo "run or dev, not $wanted" >&2 && exit 2 ;;
esac
# The project itself, in place; its builder (setuptools) is in the lock.
pip install --quiet --no-deps --no-build-isolation --editable .
