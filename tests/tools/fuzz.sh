#!/bin/sh
# Coverage-guided fuzzing of the cores by libFuzzer, on the stable compiler (docs/adr/0012):
#
#   tests/tools/fuzz.sh run SECONDS [TARGET...]    each target for so long, one after the other; all without a name
#   tests/tools/fuzz.sh keep [TARGET...]           the smallest set of inputs that reaches everything reached so far
#                                                  goes to tests/fuzz/corpus, beside what is kept there by name
#
# A finding ends the run and is left in target/fuzz/found. Mend it, and keep the input under a name that says what it was.
set -eu
cd "$(dirname "$0")/../.."
WORK=$PWD/target/fuzz
CHECKSUM=$(printf '[0-9a-f]%.0s' $(seq 40))
command=${1:-}
[ $# -eq 0 ] || shift

build() {
    command -v c++ >/dev/null 2>&1 || { echo "fuzz.sh: libFuzzer needs a C++ compiler: apt-get install g++" >&2; exit 1; }
    # What `-Z sanitizer` would switch on by itself: counters at each edge, and what is compared with what.
    coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares'
    # --target keeps the flags away from build scripts, which have nobody to report to.
    host=$(rustc -vV | sed -n 's/^host: //p')
    target_dir=${CARGO_TARGET_DIR:-target}/fuzz
    RUSTFLAGS="$coverage" CARGO_TARGET_DIR=$target_dir \
        cargo build --locked --profile fuzz --target "$host" -p returnfeed-fuzz --features libfuzzer
    PROGRAM=$target_dir/$host/fuzz/returnfeed-fuzz
}

targets() {
    if [ $# -gt 0 ]; then echo "$*"; else (cd tests/fuzz/corpus && echo *); fi
}

case $command in
    run)
        seconds=${1:?how many seconds for each target}
        shift
        build
        for target in $(targets "$@"); do
            mkdir -p "$WORK/work/$target" "$WORK/found/$target"
            echo "== $target for $seconds s"
            RETURNFEED_FUZZ_TARGET=$target "$PROGRAM" "$WORK/work/$target" "tests/fuzz/corpus/$target" \
                -max_total_time="$seconds" -max_len=16384 -len_control=20 -timeout=20 -rss_limit_mb=1024 -verbosity=0 \
                -print_final_stats=1 -artifact_prefix="$WORK/found/$target/"
        done
        ;;
    keep)
        build
        for target in $(targets "$@"); do
            kept=tests/fuzz/corpus/$target fresh=$(mktemp -d)
            # Those with a name say what they are and stay; libFuzzer's are checksums, and give way to better ones.
            find "$kept" -type f ! -name "$CHECKSUM" -exec cp {} "$fresh" \;
            mkdir -p "$WORK/work/$target"
            # By edges, not by how often each was taken: a tenth of the files.
            RETURNFEED_FUZZ_TARGET=$target "$PROGRAM" -merge=1 -set_cover_merge=1 -use_counters=0 -max_len=1024 \
                "$fresh" "$WORK/work/$target" "$kept" 2>&1 | tail -n 1
            find "$kept" -type f -name "$CHECKSUM" -delete
            find "$fresh" -type f -name "$CHECKSUM" -exec cp {} "$kept" \;
            rm -r "$fresh"
        done
        ;;
    *) sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
