#!/bin/sh
# Opens the site in a browser, or says what is missing for that and counts as skipped (exit code 77).
#
#   tests/docs/in_browser.sh SITE SOURCE
tests=$(dirname "$0")
command -v node >/dev/null || { echo 'skipped: install nodejs, npm and chromium'; exit 77; }
exec node "$tests/site.mjs" "$@"
