# Sourced: a clean Debian in $root, made by debootstrap from where this machine has its own packages, and for what runs in it
# a network that has loopback alone, that of the process $net. Both go with the shell; so do $server and $others, where they are set.

cache=${RETURNFEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/returnfeed}/clean-root
die() { echo "clean-root: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "a root can be made by root alone"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# The first place of packages that this machine has, in either notation.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | head -n 1)
[ -n "$mirror" ] || die "this machine has no place of packages in its sources"

mkdir -p "$cache"
if [ ! -e "$cache/$suite.tar" ]; then
    echo "== a clean root ($suite)" >&2
    made=$(mktemp -d "$cache/making.XXXXXX")
    debootstrap --variant=minbase "$suite" "$made" "$mirror" >"$cache/debootstrap.log" 2>&1 || {
        tail -n 5 "$cache/debootstrap.log" >&2
        rm -rf "$made"
        die "debootstrap failed; the lines above say why"
    }
    tar -C "$made" -cf "$cache/$suite.tar.draft" .
    mv "$cache/$suite.tar.draft" "$cache/$suite.tar"
    rm -rf "$made"
fi

root=$(mktemp -d "$cache/root.XXXXXX")
server=
others=
finish() {
    trap - EXIT INT TERM
    # shellcheck disable=SC2086 # a list of processes
    [ -z "$server$others" ] || { kill $server $others && wait $server $others; } 2>/dev/null || true
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap finish EXIT
trap 'exit 130' INT TERM
tar -C "$root" -xf "$cache/$suite.tar"
chmod 755 "$root"
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
mount -t proc proc "$root/proc"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

# A network that has loopback alone; it lives as long as this shell.
unshare --net sleep infinity &
net=$!
trap 'kill $net 2>/dev/null || true; finish' EXIT
until [ "$(readlink "/proc/$net/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do kill -0 $net; done
nsenter --net="/proc/$net/ns/net" ip link set lo up

# installed PACKAGE.deb [NAME...]: from this machine's network, with what it depends on; the rest is in its own.
installed() {
    cp "$1" "$root/root/"
    deb=/root/$(basename "$1")
    shift
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1 || die "apt-get update failed in the clean root"
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 apt-get install -y --no-install-recommends "$deb" "$@" >"$root/tmp/said" 2>&1 ||
        { cat "$root/tmp/said" >&2; die "the package cannot be installed"; }
}
