#!/bin/sh
# Makes the Debian package of the server: build.sh PROGRAM OUT_DIR. Prints the path of the package.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 PROGRAM OUT_DIR" >&2; exit 64; }
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/../.."
. installers/debian/package.sh

put 755 "$program" usr/bin/returnfeed-cloud
strip --strip-unneeded "$root/usr/bin/returnfeed-cloud"
put 644 installers/systemd/returnfeed-cloud.service lib/systemd/system/returnfeed-cloud.service
put 644 installers/systemd/60-returnfeed.conf usr/lib/sysctl.d/60-returnfeed.conf
put 640 installers/debian/cloud.toml etc/returnfeed/cloud.toml
doc=usr/share/doc/returnfeed-cloud
put 644 docs/operations.md $doc/operations.md
put 644 installers/prometheus/returnfeed.rules.yml $doc/examples/returnfeed.rules.yml
put 644 installers/grafana/returnfeed.json $doc/examples/grafana.json
put 644 installers/nginx/returnfeed.conf.template $doc/examples/nginx.conf.template
documents returnfeed-cloud
depends=$(needed returnfeed-cloud usr/bin/returnfeed-cloud)
mkdir -p "$root/DEBIAN"
echo /etc/returnfeed/cloud.toml >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "installers/debian/$script" "$root/DEBIAN/$script"; done
finish returnfeed-cloud "$out" installers/debian/control.in "$depends"
