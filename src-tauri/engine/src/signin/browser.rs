//! The browser of this system.

use std::process::{Command, Stdio};

#[cfg(target_os = "macos")]
const OPENER: &[&str] = &["open"];
#[cfg(windows)]
const OPENER: &[&str] = &["rundll32", "url.dll,FileProtocolHandler"];
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: &[&str] = &["xdg-open"];

/// Opens an address there; where there is no browser, whoever asked shows the address.
pub fn open_browser(address: &str) {
    let [program, arguments @ ..] = OPENER else { return };
    let mut command = Command::new(program);
    command.args(arguments).arg(address);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match quiet.spawn() {
        // It ends at once, or with its browser: nobody waits for it but the system.
        Ok(mut opener) => drop(std::thread::spawn(move || opener.wait())),
        Err(error) => tracing::debug!(%error, "no browser is opened"),
    }
}
