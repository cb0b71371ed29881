#!/bin/sh
# `./dev test long`: what takes long by its nature. The same tests run as short seeded slices in the suites;
# here they get more cases (PROPTEST_CASES, RETURNFEED_CASES, RETURNFEED_SEEDS), more time and more peers
# (RETURNFEED_LONG=1).
set -eu
RETURNFEED_TEST_OTIO=$(tests/tools/otio.sh)
export RETURNFEED_TEST_OTIO RETURNFEED_LONG=1 PROPTEST_CASES="${PROPTEST_CASES:-20000}" RETURNFEED_CASES="${RETURNFEED_CASES:-20}" \
    RETURNFEED_SEEDS="${RETURNFEED_SEEDS:-20000}"
cargo test --locked -p returnfeed-protocol -p returnfeed-media -p returnfeed-rtp -p returnfeed-srt -p returnfeed-simulcast -p returnfeed-tally \
    -p returnfeed-switchers -p returnfeed-shows -p returnfeed-report
cargo test --locked -p returnfeed-cloud
# The server's image, made and run without an engine.
if [ "$(id -u)" = 0 ]; then
    cargo build --locked -p returnfeed-cloud
    tests/tools/image.sh "${CARGO_TARGET_DIR:-target}/debug/returnfeed-cloud"
else
    echo "NOT RUN: the server's image, which root alone can make here" >&2
fi
# Ten minutes for each fuzz target, on what it has found so far.
tests/tools/fuzz.sh run "${RETURNFEED_FUZZ_SECONDS:-600}"
# Ten thousand operators' sockets held by one server, three cuts shown by each; what a socket takes of memory is printed.
ulimit -Sn "$(ulimit -Hn)"
mkdir -p target/bench
cargo build --locked --release -p returnfeed-cloud -p returnfeed-load
release=${CARGO_TARGET_DIR:-target}/release
# All of them come from one address, and each counts.
RETURNFEED_MAX_CONNECTIONS=12000 RETURNFEED_MAX_CONNECTIONS_PER_ADDRESS=12000 \
    "$release/returnfeed-load" tally --operators 10000 --cuts 3 --cloud "$release/returnfeed-cloud" --out target/bench/tally-10000.json
cd tests/browser
exec node --test --test-force-exit --test-concurrency=1 soak.test.mjs mass.test.mjs layers.test.mjs
