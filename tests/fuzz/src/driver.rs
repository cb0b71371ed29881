//! libFuzzer's end: `RETURNFEED_FUZZ_TARGET` names the target, everything else is libFuzzer's own command line.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use returnfeed_fuzz::{TARGETS, Target, target};

fn chosen() -> Target {
    let name = std::env::var("RETURNFEED_FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let names = TARGETS.map(|target| target.name).join(", ");
        panic!("RETURNFEED_FUZZ_TARGET is {name:?}; the targets are {names}")
    })
}

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(|data: &[u8]| (TARGET.get_or_init(chosen).run)(data));
