#!/bin/sh
# The server's image, made and run without an engine or a registry: image.sh PROGRAM
#
# The last stage of installers/docker/Dockerfile, line by line, by buildah upon a Debian made by debootstrap, with PROGRAM in
# place of what the stages before it build. Then its own command, as its own user, on its root mounted read-only, in a network
# of its own, until its own health check is content; and SIGTERM ends it. Needs root.
set -eu
program=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/tools/clean-root-base.sh"

work=$(mktemp -d)
leave() {
    umount "$work/root/data" "$work/root/tmp" "$work/root" 2>/dev/null || true
    rm -rf "$work"
}
trap 'kill $net 2>/dev/null || true; finish; leave' EXIT
export XDG_RUNTIME_DIR="$work" BUILDAH_ISOLATION=chroot
b() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }

# What the Dockerfile calls debian:bookworm-slim.
rm "$root/usr/sbin/policy-rc.d"
umount "$root/proc"
base=$(b from scratch)
tar -C "$root" -c . | tar -C "$(b mount "$base")" -x
b umount "$base" >/dev/null
b commit --quiet --rm "$base" localhost/debian:bookworm-slim >/dev/null

built=$work/program/src/target/release
mkdir -p "$built"
install -m 755 "$program" "$built/returnfeed-cloud"
strip --strip-unneeded "$built/returnfeed-cloud"
awk '/^FROM /{ stage++ } stage == 3' "$here/installers/docker/Dockerfile" | sed 's#^FROM debian:#FROM localhost/debian:#' >"$work/Dockerfile"
b bud --quiet --pull-never --format docker --build-context program="$work/program" -f "$work/Dockerfile" -t localhost/returnfeed-cloud \
    "$work/program" >"$work/said" 2>&1 || { tail -n 20 "$work/said" >&2; die "the image cannot be made"; }
b inspect --type image localhost/returnfeed-cloud >"$work/image.json"
config() { python3 -c 'import json,sys; print(eval(sys.argv[2], {"c": json.load(open(sys.argv[1]))["Docker"]["config"]}))' "$work/image.json" "$1"; }

# As compose.yaml and the manifest have it: nothing of it can be written but /data and /tmp.
image=$(b from --pull-never localhost/returnfeed-cloud)
mkdir "$work/root" "$work/data"
mount --bind -o ro "$(b mount "$image")" "$work/root"
mount -o remount,ro,bind "$work/root"
user=$(config 'c["User"]')
chown "$user" "$work/data"
mount --bind "$work/data" "$work/root/data"
mount -t tmpfs tmpfs "$work/root/tmp"
inside() { nsenter --net="/proc/$net/ns/net" chroot --userspec="$user" "$work/root" "$@"; }
[ "$user" = 10001:10001 ] || die "the image's user is $user"
! inside touch /usr/bin/x 2>/dev/null || die "its root can be written"
# shellcheck disable=SC2046 # lists of words
nsenter --net="/proc/$net/ns/net" chroot --userspec="$user" "$work/root" env -i $(config '" ".join(c["Env"])') \
    $(config '" ".join(c["Entrypoint"] + c["Cmd"])') >"$work/stdout" 2>"$work/log" &
server=$!
# shellcheck disable=SC2046
healthy() { inside $(config '" ".join(c["Healthcheck"]["Test"][1:])'); }
for _ in $(seq 300); do
    healthy && break
    kill -0 $server 2>/dev/null || { cat "$work/log" >&2; die "the server ended"; }
    sleep 0.1
done
healthy || die "its health check is not content"
[ "$(stat -c %u "/proc/$server")" = 10001 ] || die "it runs as somebody else"
signal=$(config 'c["StopSignal"]')
kill -s "${signal#SIG}" $server
wait $server || die "it did not end well: $(cat "$work/log")"
server=
! healthy || die "the health check is content with nobody there"
echo "image: $(wc -l <"$work/Dockerfile") lines of the Dockerfile made it, it ran read-only as $user until its health check was content, and ended by $signal"
