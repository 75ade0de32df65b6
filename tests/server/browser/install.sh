#!/bin/sh
# Sees to a Chromium for the browser tests: the machine's, Debian's package where we may install it, or Playwright's download.
# Usage: install.sh PLAYWRIGHT (the command of the environment that runs the tests). Does nothing where a browser is there.
set -eu
playwright=$1

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

# Debian's package is a real browser. Ubuntu's of the same name only sends on to snap, so it is not asked for.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && grep -q '^ID=debian' /etc/os-release; then
    echo "Installing Chromium for the browser tests from Debian's packages."
    if apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium; then exit 0; fi
fi

echo "Installing Chromium for the browser tests with Playwright."
if [ "$(id -u)" = 0 ]; then with="--with-deps"; else with=""; fi
if "$playwright" install $with chromium; then exit 0; fi

cat >&2 <<'EOM'
The browser tests need Chromium, and it could not be installed here. Install it by hand and run again, for example with
    sudo apt-get install chromium        (Debian)
    sudo snap install chromium           (Ubuntu)
or run the other tests without it:
    .venv/bin/python -m pytest -n 2 --ignore tests/server/browser --ignore tests/server/bots/test_same_everywhere.py
EOM
exit 1
