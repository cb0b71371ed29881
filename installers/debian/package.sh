# Sourced by who makes a package: what all of them have in common. Two runs on the same programs give the same bytes:
# times come from SOURCE_DATE_EPOCH, or else from the last commit, owners are root, and files are listed in order
# (https://reproducible-builds.org/specs/source-date-epoch/). The folder is that of the project.

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

put() { install -D -m "$1" "$2" "$root/$3"; } # MODE FROM TO

# documents NAME: the changes, and under which terms it is.
documents() {
    gzip -9n <CHANGELOG.md >"$work/changelog.gz"
    put 644 "$work/changelog.gz" "usr/share/doc/$1/changelog.gz"
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
        printf 'Upstream-Name: ReturnFeed\nSource: https://github.com/returnfeed/returnfeed\n\n'
        printf 'Files: *\nCopyright: the authors of ReturnFeed\nLicense: MIT or Apache-2.0\n'
        printf ' On Debian the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n .\n'
        sed 's/^$/./; s/^/ /' LICENSE-MIT
    } >"$work/copyright"
    put 644 "$work/copyright" "usr/share/doc/$1/copyright"
}

# needed NAME PROGRAM...: what the programs need of the system, as their own symbols say.
needed() {
    mkdir -p "$work/debian"
    printf 'Source: returnfeed\n\nPackage: %s\nArchitecture: any\n' "$1" >"$work/debian/control"
    shift
    for program in "$@"; do set -- "$@" "$root/$program"; shift; done
    (cd "$work" && dpkg-shlibdeps -O "$@" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
}

# finish NAME OUT CONTROL.IN DEPENDS: makes the package of what was put, and prints its path.
finish() {
    [ -n "$4" ] || { echo "what the programs need of the system cannot be found out" >&2; exit 1; }
    mkdir -p "$root/DEBIAN"
    size=$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f1)
    sed -e "s|@VERSION@|$version|" -e "s|@ARCH@|$arch|" -e "s|@SIZE@|$size|" -e "s|@DEPENDS@|$4|" "$3" >"$root/DEBIAN/control"
    (cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    chmod 755 "$root" "$root/DEBIAN"
    package=$2/$1_${version}_$arch.deb
    dpkg-deb --root-owner-group --build -Zxz -z"${DEB_LEVEL:-6}" "$root" "$package" >/dev/null
    echo "$package"
}
