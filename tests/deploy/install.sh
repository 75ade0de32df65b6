#!/bin/sh
# Sees to an nginx for the tests of deploy/: the machine's, or Debian's package where we may install it.
# Does nothing where one is there. Without it these tests are skipped, and say so.
set -eu
PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin

if command -v nginx >/dev/null 2>&1; then exit 0; fi

# The tests start it themselves, with a configuration of their own: the package's service must not start (RUNLEVEL=1).
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing nginx for the tests of deploy/ from the machine's packages."
    if apt-get update -q && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nginx-light
    then exit 0; fi
fi

cat >&2 <<'EOM'
nginx is not here and could not be installed, so nothing is tried behind the proxy of deploy/. Install it and run again:
    sudo apt-get install nginx-light     (Debian, Ubuntu)
    brew install nginx                   (macOS)
EOM
