#!/bin/sh
# Fetches OpenTimelineIO and its CMX 3600 reader, which the cut lists are read back with, once, and prints their folder.
#
#   RETURNFEED_TEST_OTIO=$(tests/tools/otio.sh) cargo test -p returnfeed-report
#
# stdout: the folder for PYTHONPATH and nothing else. Both are Apache-2.0 (Academy Software Foundation); they go into a
# cache outside the checkout.

set -eu

OTIO=0.18.1
CMX=1.0.0
FOLDER=${RETURNFEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/returnfeed}/otio-$OTIO-$CMX

say() { printf '%s\n' "$*" >&2; }
die() { say "otio: $*"; exit 1; }

if [ ! -f "$FOLDER/complete" ]; then
    python3 -m pip --version >/dev/null 2>&1 ||
        die "Python's pip is missing, which fetches it. On Debian and Ubuntu: apt install python3-pip"
    say "Fetching OpenTimelineIO $OTIO, which reads the cut lists back ..."
    mkdir -p "$(dirname "$FOLDER")"
    work=$(mktemp -d "$FOLDER.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary=:all: --target "$work" \
        "opentimelineio==$OTIO" "otio-cmx3600-adapter==$CMX" >&2 ||
        die "the packages could not be fetched; the lines above say why. Check the network and run this again."
    touch "$work/complete"
    rm -rf "$FOLDER"
    mv "$work" "$FOLDER"
    trap - EXIT INT TERM
fi
printf '%s\n' "$FOLDER"
