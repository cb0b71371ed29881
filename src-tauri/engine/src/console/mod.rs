//! The director without a window: arguments, keys and lines.
//!
//! `args` reads what it was started with, `keys` what is typed, `print` says what happens. Refuses logic.

mod args;
mod commands;
mod crew;
mod keys;
mod print;
mod programme;
mod report;
mod tally_args;

pub use args::{Args, LogFormat, Place, Setup, SetupError};
pub use commands::{Instead, ShowsArgs, ShowsCommand, SignInArgs, Which, instead};
pub use keys::{KeyError, PRESETS, parse as parse_key};
pub use print::{Print, Style};
pub use report::{ReportArgs, Spoken, Times};
pub use tally_args::{Green, TallyArgs};
