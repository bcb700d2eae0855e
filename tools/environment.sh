#!/bin/sh
# Makes .venv/ and installs a lock into it, hash by hash: tools/environment.sh LOCK
# Needs Python 3.11 or newer and a package index, nothing else.
set -eu
lock=$1

fail() {
    echo "$1" >&2
    exit 1
}

find_python() {
    for name in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it, or name it as in: make run PYTHON=/path/to/python3.12"
}

# Debian leaves ensurepip out of its python3 package.
make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        command="apt-get install -y python3-venv"
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "$python cannot make environments: sudo $command"
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive $command
    fi
    "$python" -m venv --clear .venv
}

# An environment whose Python has gone (the folder was moved, Python was upgraded) is made anew.
.venv/bin/python -c 'import pip' 2>/dev/null || make_environment
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
.venv/bin/python tools/link.py
