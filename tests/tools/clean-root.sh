#!/bin/sh
# The installation on a clean Debian: clean-root.sh PACKAGE [TRANSCRIPT]
#
# A root made by debootstrap from where this machine has its own packages; `apt install` and `returnfeed-cloud setup` in
# it, the server run there as its own user on 443 and 80, asked, ended, upgraded, given a certificate by an authority
# (pebble) that looks at those ports, removed and purged. There is no systemd in a chroot: the unit is looked at by
# systemd-analyze, and started by hand as the unit would; clean-root-boot.sh has one. Needs root. What was said goes into
# TRANSCRIPT.
set -eu
package=$(realpath "$1")
transcript=${2:-/dev/null}
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/tools/clean-root-base.sh"

: >"$transcript"
say() { printf '%s\n' "$*" >>"$transcript"; }
# inside COMMAND...: in a network of its own, so that 443 is free whatever this machine does.
inside() { nsenter --net="/proc/$net/ns/net" chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
shown() {
    say "# $*"
    inside "$@" >"$root/tmp/said" 2>&1 && code=0 || code=$?
    grep -v -e '^debconf: ' -e '^(Reading database' "$root/tmp/said" >>"$transcript" || true
    [ $code = 0 ] || { cat "$root/tmp/said" >&2; die "$* ended with $code"; }
    say ""
}

say "# apt install ./returnfeed-cloud.deb"
installed "$package"
grep -E '^(Setting up returnfeed|ReturnFeed|The following NEW)' "$root/tmp/said" >>"$transcript" || true
say ""
inside test -x /usr/bin/returnfeed-cloud
inside id returnfeed >/dev/null || die "the package made no user"
[ "$(stat -c %a "$root/var/lib/returnfeed")" = 700 ] || die "the data can be read by others"

echo 'correct horse battery' >"$root/root/password"
say '# returnfeed-cloud setup --lan --admin-email ada@example.org --admin-name Ada --password-stdin <password'
inside sh -c 'returnfeed-cloud setup --lan --admin-email ada@example.org --admin-name Ada --password-stdin </root/password' \
    >"$root/tmp/said" 2>&1 || { cat "$root/tmp/said" >&2; die "setup failed"; }
cat "$root/tmp/said" >>"$transcript"
say ""
grep -q 'ada@example.org has an account now' "$root/tmp/said" || die "there is no administrator"
[ "$(inside stat -c '%U %a' /etc/returnfeed/cloud.toml)" = 'root 640' ] || die "the settings belong to somebody else"
[ "$(inside find /var/lib/returnfeed ! -user returnfeed | wc -l)" = 0 ] || die "some of the data belongs to somebody else"

# As the unit starts it: its user, its one capability, and its notification.
serve() {
    nsenter --net="/proc/$net/ns/net" setpriv --reuid=0 chroot "$root" setpriv --reuid=returnfeed --regid=returnfeed --clear-groups \
        --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service --bounding-set=-all,+net_bind_service \
        --no-new-privs /usr/bin/returnfeed-cloud serve --config /etc/returnfeed/cloud.toml >"$root/tmp/stdout" 2>"$root/tmp/log" &
    server=$!
    for _ in $(seq 300); do
        nsenter --net="/proc/$net/ns/net" curl -skf https://127.0.0.1/readyz >/dev/null 2>&1 && return 0
        kill -0 $server 2>/dev/null || { cat "$root/tmp/log" >&2; die "the server ended"; }
        sleep 0.1
    done
    die "the server does not answer on 443"
}
ask() { nsenter --net="/proc/$net/ns/net" curl -sk --max-time 10 "$@"; }
say '# (the unit, started by hand: a chroot has no systemd) returnfeed-cloud serve --config /etc/returnfeed/cloud.toml'
serve
[ "$(stat -c %U "/proc/$server" 2>/dev/null || echo ?)" != root ] || die "the server runs as root"
say "$(ask https://127.0.0.1/ | grep -o '<title>[^<]*</title>')"
[ "$(ask -o /dev/null -w '%{http_code} %{redirect_url}' http://127.0.0.1/camera/)" = '308 https://127.0.0.1/camera/' ] || die "port 80 sends nobody to HTTPS"
ask -H 'content-type: application/json' -d '{"email":"ada@example.org","password":"correct horse battery"}' \
    https://127.0.0.1/api/login | grep -q access_token || die "the administrator cannot log in"
say ""
say "# returnfeed-cloud doctor"
inside returnfeed-cloud doctor >>"$transcript" 2>&1 || true
say ""
shown runuser -u returnfeed -- returnfeed-cloud backup /var/lib/returnfeed/copies.tar
! inside returnfeed-cloud backup /root/x.tar 2>"$root/tmp/said" && grep -q 'runuser -u returnfeed' "$root/tmp/said" || die "root may write the data"
kill -TERM $server
wait $server || die "the server did not end well: $(cat "$root/tmp/log")"
server=

say "# apt install ./returnfeed-cloud.deb   (again, as an upgrade does: settings and data stay)"
before=$(inside md5sum /etc/returnfeed/cloud.toml)
inside apt-get install -y --reinstall "$deb" >"$root/tmp/said" 2>&1 || { cat "$root/tmp/said" >&2; die "the upgrade failed"; }
[ "$before" = "$(inside md5sum /etc/returnfeed/cloud.toml)" ] || die "the upgrade changed the settings"
serve
ask -H 'content-type: application/json' -d '{"email":"ada@example.org","password":"correct horse battery"}' \
    https://127.0.0.1/api/login | grep -q access_token || die "after the upgrade the administrator cannot log in"
kill -TERM $server
wait $server || die "the server did not end well"
server=
say ""

# A certificate by an authority: pebble, in the same network, which looks at 80 (http-01) and then at 443 (tls-alpn-01).
alone() { nsenter --net="/proc/$net/ns/net" "$@"; }
acme=$root/root/acme
mkdir "$acme"
printf '[req]\ndistinguished_name=dn\n[dn]\n[leaf]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n' >"$acme/openssl.cnf"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=pebble -config "$acme/openssl.cnf" \
    -extensions leaf -keyout "$acme/key.pem" -out "$acme/cert.pem" 2>/dev/null || die "no certificate for pebble can be made"
cat >"$acme/pebble.json" <<END
{ "pebble": { "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "$acme/cert.pem", "privateKey": "$acme/key.pem", "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
  "externalAccountBindingRequired": false } }
END
nsenter --net="/proc/$net/ns/net" pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 '' -http01 '' -https01 '' -tlsalpn01 '' -dns01 127.0.0.1:8053 \
    -management 127.0.0.1:8055 >/dev/null 2>&1 &
names=$!
PEBBLE_VA_NOSLEEP=1 nsenter --net="/proc/$net/ns/net" pebble -config "$acme/pebble.json" -dnsserver 127.0.0.1:8053 >"$acme/said" 2>&1 &
authority=$!
others="$names $authority"
until alone curl -sk https://127.0.0.1:15000/roots/0 >"$acme/root.pem" && alone curl -sk -o /dev/null https://127.0.0.1:14000/dir; do
    kill -0 $authority || die "pebble ended: $(cat "$acme/said")"
    sleep 0.1
done
cp "$acme/cert.pem" "$root/etc/returnfeed/pebble.pem"
chmod 644 "$root/etc/returnfeed/pebble.pem"
for challenge in http-01 tls-alpn-01; do
    name=$challenge.live.example.org
    shown returnfeed-cloud setup --name "$name" --certificate acme --acme-challenge "$challenge" --acme-contact ada@example.org </dev/null
    printf 'acme_directory = "https://127.0.0.1:14000/dir"\nacme_authority = "/etc/returnfeed/pebble.pem"\n' >>"$root/etc/returnfeed/cloud.toml"
    serve
    for _ in $(seq 300); do
        seen=$(alone curl -s --cacert "$acme/root.pem" --resolve "$name:443:127.0.0.1" -o /dev/null -w '%{http_code}' "https://$name/healthz") && break
        sleep 0.1
    done
    [ "$seen" = 200 ] || die "no certificate of the authority by $challenge: $(cat "$root/tmp/log" "$acme/said")"
    say "# (the unit) the authority looked at the ports of $name, and its certificate is in use: GET /healthz → $seen"
    say ""
    kill -TERM $server
    wait $server || die "the server did not end well"
    server=
done
kill $others
others=

say "# apt purge returnfeed-cloud"
inside apt-get purge -y returnfeed-cloud >"$root/tmp/said" 2>&1 || { cat "$root/tmp/said" >&2; die "it cannot be purged"; }
grep -E '^(The data|Purging)' "$root/tmp/said" >>"$transcript" || true
[ ! -e "$root/usr/bin/returnfeed-cloud" ] && [ ! -e "$root/etc/returnfeed/cloud.toml" ] || die "a purge leaves the program or its settings"
[ -e "$root/var/lib/returnfeed/returnfeed.db" ] || die "a purge took the data"
say ""

# The unit, with the sandbox as systemd counts it: 0.0 is shut, 10.0 is open.
work=$(mktemp -d)
sed 's|/usr/bin/returnfeed-cloud|/bin/true|' "$here/installers/systemd/returnfeed-cloud.service" >"$work/returnfeed-cloud.service"
systemd-analyze verify --man=no "$work/returnfeed-cloud.service" 2>"$work/said" || { cat "$work/said" >&2; die "the unit is not understood"; }
! grep -q returnfeed-cloud.service "$work/said" || { cat "$work/said" >&2; die "systemd has something to say to the unit"; }
say "# systemd-analyze security --offline=yes returnfeed-cloud.service"
systemd-analyze security --offline=yes --threshold=20 "$work/returnfeed-cloud.service" >"$work/said" 2>&1 || { tail -n 3 "$work/said" >&2; die "the unit is too open"; }
tail -n 1 "$work/said" >>"$transcript"
rm -rf "$work"
echo "clean root: installed, set up, served, upgraded, given a certificate by an authority, purged; $(tail -n 1 "$transcript" | sed 's/^[^A-Za-z]*//')"
