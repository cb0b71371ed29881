#!/bin/sh
# The running part of `./dev demo`: cloud and director from one terminal, ended together.
# Expects BIN, DEMO_DATA, DEMO_SOURCES (a line each) and DEMO_ADDRESS from ./dev.
#
# Invariant: whatever ends this script ends what it started.

set -eu
say() { printf '%s\n' "$*" >&2; }

mkdir -p "$DEMO_DATA"
run=$(mktemp -d "$DEMO_DATA/run.XXXXXX")
cloud_pid= director_pid=
# shellcheck disable=SC2329 # called by the trap
finish() {
    trap - EXIT INT TERM HUP
    for pid in $director_pid $cloud_pid; do kill "$pid" 2>/dev/null || true; done
    for pid in $director_pid $cloud_pid; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

data=$DEMO_DATA/data
# An account that nobody logs in to: its password is thrown away. The demo owns its session by it.
owner=demo@localhost.localdomain
if [ ! -e "$DEMO_DATA/account" ]; then
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' |
        "$BIN/returnfeed-cloud" account create --data-dir "$data" --email $owner --name Demo --password-stdin >/dev/null
    : >"$DEMO_DATA/account"
fi

set --
[ "${DEMO_PORTS:-}" != any ] || set -- --https-port 0 --srt-port 0 --webrtc-port 0 --metrics 127.0.0.1:0
"$BIN/returnfeed-cloud" serve --data-dir "$data" --ready-file "$run/ready.json" "$@" >"$run/cloud.log" 2>&1 </dev/null &
cloud_pid=$!
until [ -s "$run/ready.json" ]; do
    if ! kill -0 "$cloud_pid" 2>/dev/null; then
        cat "$run/cloud.log" >&2
        say "demo: the server did not start; the lines above say why."
        exit 1
    fi
    sleep 0.1
done

field() { node -p "JSON.parse(require('fs').readFileSync('$1','utf8')).$2"; }
"$BIN/returnfeed-cloud" session create --data-dir "$data" --name Demo --owner $owner --public-layer high --live \
    --token-file "$run/token" --json >"$run/session.json"
session=$(field "$run/session.json" session.id)
port=$(field "$run/ready.json" https_port)

say ""
# shellcheck disable=SC2086 # nothing, or two words
"$BIN/returnfeed-cloud" session links --data-dir "$data" --session "$session" --port "$port" ${DEMO_ADDRESS:+--address "$DEMO_ADDRESS"}
say "To cut, type the number of a source (1, 2, 3) and Enter: that camera turns RED, the one before GREEN."
say "Ctrl-C ends everything. The server's log: $run/cloud.log"
say ""

set --
old_ifs=$IFS
IFS='
'
for source in $DEMO_SOURCES; do set -- "$@" --source "$source"; done
IFS=$old_ifs
# A shell gives a background job no standard input; the director reads the terminal's by another number.
exec 3<&0
# What it does stands on the screen; what it logs is for those who look for a fault.
RUST_LOG=${RUST_LOG:-warn} "$BIN/returnfeed-director" --cloud "https://localhost:$port" --session "$session" --token-file "$run/token" \
    --ca "$(field "$run/ready.json" cert_path)" "$@" <&3 &
director_pid=$!
status=0
wait "$director_pid" || status=$?
exit "$status"
