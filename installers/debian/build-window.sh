#!/bin/sh
# Makes the Debian package of the director: build-window.sh FOLDER OUT_DIR, where FOLDER has the programs `returnfeed`
# (the window) and `returnfeed-director` (its headless twin). Prints the path of the package.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 FOLDER OUT_DIR" >&2; exit 64; }
programs=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/../.."
. installers/debian/package.sh

for program in returnfeed returnfeed-director; do
    put 755 "$programs/$program" "usr/bin/$program"
    strip --strip-unneeded "$root/usr/bin/$program"
done
put 644 installers/debian/window/returnfeed.desktop usr/share/applications/returnfeed.desktop
for size in 32x32 128x128; do
    put 644 src-tauri/icons/$size.png usr/share/icons/hicolor/$size/apps/returnfeed.png
done
put 644 app/public/icon.svg usr/share/icons/hicolor/scalable/apps/returnfeed.svg
doc=usr/share/doc/returnfeed
put 644 installers/debian/window/README.Debian $doc/README.Debian
for page in director.md director.ko.md control.md switchers.md; do put 644 docs/$page $doc/$page; done
python3 installers/release/sbom.py returnfeed-app >"$work/returnfeed.cdx.json"
put 644 "$work/returnfeed.cdx.json" $doc/returnfeed.cdx.json
documents returnfeed
depends=$(needed returnfeed usr/bin/returnfeed usr/bin/returnfeed-director)
finish returnfeed "$out" installers/debian/window/control.in "$depends"
