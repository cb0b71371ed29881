#!/bin/sh
# `./dev test long`: what takes long by its nature. The same tests run as short seeded slices in the suites;
# here they get more cases (PROPTEST_CASES), more time and more peers (RETURNFEED_LONG=1).
set -eu
cargo test --locked -p returnfeed-protocol -p returnfeed-media -p returnfeed-srt -p returnfeed-simulcast -p returnfeed-tally
cargo test --locked -p returnfeed-cloud
cd tests/browser
exec node --test --test-concurrency=1 soak.test.mjs
