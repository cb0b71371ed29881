#!/bin/sh
# The installation under a systemd that lives: clean-root-boot.sh PACKAGE [TRANSCRIPT]
#
# A root made by debootstrap, booted by systemd-nspawn in a network of its own; in it `apt install` and `returnfeed-cloud
# setup`, the unit as it stands with all of its sandbox, a reload, a kill that it comes back from, a reboot after which nobody
# does anything, and an upgrade. Needs root. What was said goes into TRANSCRIPT.
set -eu
package=$(realpath "$1")
transcript=${2:-/dev/null}
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/tools/clean-root-base.sh"

: >"$transcript"
say() { printf '%s\n' "$*" >>"$transcript"; }

# systemd from this machine's network; of the package what it depends on, which it finds in the cache once it is booted.
deb=/root/$(basename "$package")
cp "$package" "$root$deb"
chroot "$root" sh -ec "export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
    apt-get update -qq
    apt-get install -y --no-install-recommends systemd systemd-sysv dbus curl
    apt-get install -y --no-install-recommends --download-only $deb" >"$root/root/said" 2>&1 ||
    { tail -n 20 "$root/root/said" >&2; die "systemd cannot be put into the clean root"; }
rm "$root/usr/sbin/policy-rc.d"
umount "$root/proc"

work=$(mktemp -d)
console=$work/console
group=
leave() {
    rm -rf "$work"
    [ -z "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
}
trap 'kill $net 2>/dev/null || true; finish; leave' EXIT
# Where systemd does not run this machine itself, nobody gives the new one a place among the control groups.
keep=
if [ ! -d /run/systemd/system ]; then
    keep=--keep-unit
    if [ -d /sys/fs/cgroup/systemd ]; then
        group=/sys/fs/cgroup/systemd/returnfeed-boot.$$
        mkdir "$group"
    fi
fi
power_on() {
    # shellcheck disable=SC2016 # its own process, which becomes systemd-nspawn
    sh -c '[ -z "$0" ] || echo $$ >"$0/cgroup.procs"; exec systemd-nspawn "$@"' "$group" --quiet --register=no $keep --boot \
        --private-network --machine="returnfeed-$$" --directory="$root" </dev/null >>"$console" 2>&1 &
    server=$!
}
power_on

# The first process in it, another one after a reboot.
first() { pgrep -P $server -x systemd; }
inside() {
    nsenter --target "$(first)" --mount --uts --ipc --net --pid --root --wd \
        env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
# until_true WHAT COMMAND...
until_true() {
    what=$1
    shift
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return 0
        kill -0 $server 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$console" >&2
    inside journalctl --no-pager -n 30 >&2 2>/dev/null || true
    die "$what"
}
shown() {
    say "# $*"
    inside "$@" >"$work/said" 2>&1 && code=0 || code=$?
    grep -v -e '^debconf: ' -e '^(Reading database' "$work/said" >>"$transcript" || true
    [ $code = 0 ] || { cat "$work/said" >&2; inside journalctl --no-pager -n 30 >&2 || true; die "$* ended with $code"; }
    say ""
}
booted() { inside systemctl is-active multi-user.target; }
property() { inside systemctl show --value -p "$1" returnfeed-cloud; }
answers() { inside curl -skf --max-time 5 "https://127.0.0.1/$1"; }
log_in() {
    inside curl -sk --max-time 10 -H 'content-type: application/json' \
        -d '{"email":"ada@example.org","password":"correct horse battery"}' https://127.0.0.1/api/login | grep -q access_token
}

until_true "the clean root does not boot" booted
say "# apt install ./$(basename "$package")"
inside apt-get install -y --no-install-recommends "$deb" >"$work/said" 2>&1 ||
    { cat "$work/said" >&2; die "the package cannot be installed"; }
grep -E '^(Setting up returnfeed|ReturnFeed)' "$work/said" >>"$transcript" || true
say ""
! inside systemctl is-active returnfeed-cloud >/dev/null || die "the server runs before it was set up"

say '# returnfeed-cloud setup --lan --admin-email ada@example.org --admin-name Ada --password-stdin <password'
echo 'correct horse battery' >"$root/root/password"
inside sh -c 'returnfeed-cloud setup --lan --admin-email ada@example.org --admin-name Ada --password-stdin </root/password' \
    >"$work/said" 2>&1 || { cat "$work/said" >&2; inside journalctl --no-pager -u returnfeed-cloud >&2; die "setup failed"; }
cat "$work/said" >>"$transcript"
say ""
grep -q 'starts by itself after a reboot' "$work/said" || die "setup did not start the server"
[ "$(property ActiveState)" = active ] || die "the server is not active"
answers readyz >/dev/null || die "the server does not answer on 443"
log_in || die "the administrator cannot log in"
answers account/ | grep -q '<title>' || die "the link that was printed leads nowhere"

# The sandbox, as the kernel sees the process and not as the file says.
pid=$(property MainPID)
status() { inside sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
[ "$(inside stat -c %U "/proc/$pid")" = returnfeed ] || die "the server runs as somebody else"
[ "$(status CapEff)" = 0000000000000400 ] || die "its capabilities are $(status CapEff)"
[ "$(status NoNewPrivs) $(status Seccomp)" = '1 2' ] || die "it is not under seccomp"
[ "$(inside findmnt --task "$pid" --noheadings --output VFS-OPTIONS --target / | cut -d, -f1)" = ro ] || die "it can write its root"
# As many as the unit says, or as many as this machine lets anybody have.
most() { inside sed -n 's/^Max open files *[0-9]* *\([0-9]*\).*/\1/p' "/proc/$1/limits"; }
files=$(most 1)
[ "$files" -lt 65536 ] || files=65536
[ "$(property LimitNOFILE) $(most "$pid")" = "65536 $files" ] || die "its file limit is $(most "$pid")"
[ "$(property WatchdogUSec)" = 20s ] || die "nobody watches it"

shown systemctl reload returnfeed-cloud
[ "$(property MainPID)" = "$pid" ] || die "a reload started another server"
say "# kill -KILL $pid, the server"
inside sh -c "kill -KILL $pid"
revived() { now=$(property MainPID) && [ "$now" != 0 ] && [ "$now" != "$pid" ] && answers readyz; }
until_true "a server that was killed does not come back" revived
say "(systemd started it anew)"
say ""

say "# systemctl reboot"
before=$(first)
inside systemctl reboot >/dev/null 2>&1 || true
# Without a place of its own systemd-nspawn leaves the second boot to whoever started it, and says so by 133.
if [ -n "$keep" ]; then
    wait $server && code=0 || code=$?
    [ $code = 133 ] || { tail -n 20 "$console" >&2; die "it did not reboot: $code"; }
    power_on
fi
rebooted() { now=$(first) && [ "$now" != "$before" ] && booted; }
until_true "it does not boot again" rebooted
until_true "after a reboot the server does not answer" answers readyz
log_in || die "after a reboot the administrator cannot log in"
say "(nobody does anything)"
shown systemctl is-active returnfeed-cloud
say "# curl -sk https://127.0.0.1/account/ | grep -o '<title>.*</title>'"
answers account/ | grep -o '<title>[^<]*</title>' >>"$transcript"
say ""

pid=$(property MainPID)
say "# apt install ./$(basename "$package")   (again, as an upgrade does)"
inside apt-get install -y --reinstall "$deb" >"$work/said" 2>&1 || { cat "$work/said" >&2; die "the upgrade failed"; }
until_true "the upgrade did not start the server anew" revived
log_in || die "after the upgrade the administrator cannot log in"
say ""
say "# systemctl show -p ActiveState,SubState,NRestarts returnfeed-cloud"
inside systemctl show -p ActiveState,SubState,NRestarts returnfeed-cloud >>"$transcript"

inside systemctl poweroff >/dev/null 2>&1 || true
wait $server || true
server=
echo "clean root, booted: installed, set up, sandboxed, reloaded, killed and back, rebooted and back, upgraded"
