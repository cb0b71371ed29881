#!/bin/sh
# Fetches the NDI runtime that the tests run against, once, and prints the environment that points at it.
#
#   eval "$(tests/tools/ndi-runtime.sh)"
#
# stdout: `export ...` lines and nothing else. stderr: the terms, before anything is fetched, and progress.
# It refuses a file that is not the very one that the tests were written against. The runtime goes into a cache
# outside the checkout; it is never committed, packaged or shipped.

set -eu

WHEEL_VERSION=6.3.2.6
CACHE=${RETURNFEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/returnfeed}/ndi
RUNTIME=$CACHE/runtime-$WHEEL_VERSION
CONFIG=$CACHE/config

say() { printf '%s\n' "$*" >&2; }
die() { say "ndi-runtime: $*"; exit 1; }

case $(uname -s)-$(uname -m) in
    Linux-x86_64)
        PLATFORM=manylinux_2_28_x86_64
        SHA256=1c70a0068bb8ad1c894e556bc7c0e790dbd2c8229167d808d137a4b944355ae3 ;;
    *) die "the tests' runtime is known for Linux on x86-64 only. Install NDI from https://ndi.video and set NDI_RUNTIME_DIR_V6." ;;
esac

intact() { [ -f "$1/libndi.so.6" ] && printf '%s  %s\n' "$SHA256" "$1/libndi.so.6" | sha256sum -c --status; }

fetch() {
    say "The tests need the NDI runtime. It is proprietary software of Vizrt NDI AB (https://ndi.video); using it means"
    say "to accept its licence: http://ndi.link/ndisdk_license. It is fetched from the Python package ndi-python"
    say "$WHEEL_VERSION into $RUNTIME, used for tests only, and never shipped with ReturnFeed."
    python=
    for candidate in python3 python; do
        if "$candidate" -m pip --version >/dev/null 2>&1; then python=$candidate; break; fi
    done
    [ -n "$python" ] || die "Python's pip is missing, which fetches the package. On Debian and Ubuntu: apt install python3-pip"
    mkdir -p "$CACHE"
    work=$(mktemp -d "$CACHE/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.11 --implementation cp --abi cp311 --platform "$PLATFORM" \
        -d "$work" "ndi-python==$WHEEL_VERSION" >&2 ||
        die "the package could not be fetched; the lines above say why. Check the network and run this again."
    # A wheel is a zip file, and Python reads those itself.
    "$python" - "$work" <<'PYTHON' >&2 || die "the package holds no libndi.so.6"
import glob, os, sys, zipfile
work = sys.argv[1]
with zipfile.ZipFile(glob.glob(os.path.join(work, "*.whl"))[0]) as wheel:
    for name in ("libndi.so.6", "libndi_licenses.txt"):
        with open(os.path.join(work, name), "wb") as out:
            out.write(wheel.read("NDIlib/" + name))
PYTHON
    intact "$work" || die "libndi.so.6 is not the file that the tests were written against (sha256 differs). Nothing was installed."
    rm -f "$work"/*.whl
    rm -rf "$RUNTIME"
    mv "$work" "$RUNTIME"
    trap - EXIT INT TERM
    chmod 755 "$RUNTIME"
}

intact "$RUNTIME" || fetch

# The machine name and the way to find itself on loopback: a test does not depend on the host's name or network.
mkdir -p "$CONFIG"
printf '%s\n' '{"ndi":{"machinename":"CI","networks":{"ips":"127.0.0.1"}}}' >"$CONFIG/ndi-config.v1.json.$$"
mv "$CONFIG/ndi-config.v1.json.$$" "$CONFIG/ndi-config.v1.json"

printf "export NDI_RUNTIME_DIR_V6='%s'\n" "$RUNTIME"
printf "export NDI_CONFIG_DIR='%s'\n" "$CONFIG"
