#!/bin/sh
# The director's package on a clean Debian: clean-root-window.sh PACKAGE CLOUD
#
# Installed by apt with what it depends on and nothing else; then the window is started there under Xvfb, and goes live in
# a CLOUD (the program) of this machine: tests/desktop/packaged.mjs. Needs root.
set -eu
package=$(realpath "$1")
cloud=$(realpath "$2")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/tools/clean-root-base.sh"

# What looks at it is not what it depends on.
installed "$package" xvfb dbus-daemon webkit2gtk-driver
mount -t tmpfs tmpfs "$root/dev/shm"
trap 'kill $net 2>/dev/null || true; umount "$root/dev/shm" 2>/dev/null || true; finish' EXIT
chroot "$root" returnfeed-director --version >/dev/null || die "the headless twin does not start"
chroot "$root" sh -c '! dpkg -l gstreamer1.0-libav 2>/dev/null | grep -q ^ii' || die "what is only recommended was installed"
programs=$(mktemp -d)
ln -s "$cloud" "$programs/returnfeed-cloud"
RETURNFEED_BIN=$programs RETURNFEED_ROOT=$root nsenter --net="/proc/$net/ns/net" \
    node --test --test-force-exit --test-reporter=spec "$here/tests/desktop/packaged.mjs" && verdict=0 || verdict=$?
rm -rf "$programs"
[ $verdict = 0 ] || die "the window does not work there"
echo "clean root: the director is installed, starts, and goes live; $(du -sh --exclude=proc "$root" | cut -f1) in all"
