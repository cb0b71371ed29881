//! The director without a window: arguments, keys and lines.
//!
//! `args` is what it may be started with, `setup` checks it, `keys` what is typed, `print` says what happens. Refuses logic.

mod args;
mod commands;
mod crew;
mod keys;
mod place;
mod print;
mod programme;
mod report;
mod setup;
mod srt;
mod tally_args;

pub use args::{Args, LogFormat};
pub use commands::{Instead, ShowsArgs, ShowsCommand, SignInArgs, Which, instead};
pub use keys::{KeyError, PRESETS, parse as parse_key};
pub use place::Place;
pub use print::{Print, Style};
pub use report::{ReportArgs, Spoken, Times};
pub use setup::{Setup, SetupError};
pub use tally_args::{Green, TallyArgs};
