#!/bin/sh
# Makes the Debian package of the server: build.sh PROGRAM OUT_DIR. Prints the path of the package.
#
# Two runs on the same program give the same bytes: times come from SOURCE_DATE_EPOCH, or else from the last commit,
# owners are root, and files are listed in order (https://reproducible-builds.org/specs/source-date-epoch/).
set -eu
[ $# -eq 2 ] || { echo "usage: $0 PROGRAM OUT_DIR" >&2; exit 64; }
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/../.."

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

put() { install -D -m "$1" "$2" "$root/$3"; } # MODE FROM TO
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
gzip -9n <CHANGELOG.md >"$work/changelog.gz"
put 644 "$work/changelog.gz" $doc/changelog.gz
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
    printf 'Upstream-Name: ReturnFeed\nSource: https://github.com/returnfeed/returnfeed\n\n'
    printf 'Files: *\nCopyright: the authors of ReturnFeed\nLicense: MIT or Apache-2.0\n'
    printf ' On Debian the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n .\n'
    sed 's/^$/./; s/^/ /' LICENSE-MIT
} >"$work/copyright"
put 644 "$work/copyright" $doc/copyright

# What the program needs of the system, as its own symbols say.
mkdir -p "$work/debian"
printf 'Source: returnfeed\n\nPackage: returnfeed-cloud\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "$root/usr/bin/returnfeed-cloud" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "build.sh: what the program needs of the system cannot be found out" >&2; exit 1; }

mkdir -p "$root/DEBIAN"
size=$(du -sk --apparent-size "$root" | cut -f1)
sed -e "s|@VERSION@|$version|" -e "s|@ARCH@|$arch|" -e "s|@SIZE@|$size|" -e "s|@DEPENDS@|$depends|" \
    installers/debian/control.in >"$root/DEBIAN/control"
echo /etc/returnfeed/cloud.toml >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "installers/debian/$script" "$root/DEBIAN/$script"; done
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
chmod 755 "$root" "$root/DEBIAN"

package=$out/returnfeed-cloud_${version}_$arch.deb
dpkg-deb --root-owner-group --build -Zxz -z"${DEB_LEVEL:-6}" "$root" "$package" >/dev/null
echo "$package"
