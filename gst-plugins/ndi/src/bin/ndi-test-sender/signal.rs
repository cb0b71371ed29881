//! SIGUSR1 freezes the source and thaws it again. Only where there are such signals.

use std::sync::atomic::{AtomicBool, Ordering};

static FROZEN: AtomicBool = AtomicBool::new(false);

/// Whether the source is to send nothing now.
pub(crate) fn is_frozen() -> bool {
    FROZEN.load(Ordering::Relaxed)
}

/// From now on each SIGUSR1 freezes or thaws.
#[cfg(unix)]
#[expect(unsafe_code, reason = "a signal handler is set by a C call")]
pub(crate) fn toggle_on_user_signal() -> Result<(), String> {
    extern "C" fn toggle(_: libc::c_int) {
        FROZEN.fetch_xor(true, Ordering::Relaxed);
    }
    // SAFETY: the handler only touches an atomic, which a signal handler may.
    let before =
        unsafe { libc::signal(libc::SIGUSR1, toggle as extern "C" fn(libc::c_int) as libc::sighandler_t) };
    if before == libc::SIG_ERR {
        return Err(format!("SIGUSR1 cannot be handled: {}", std::io::Error::last_os_error()));
    }
    Ok(())
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(crate) fn toggle_on_user_signal() -> Result<(), String> {
    Err("--freeze-on-signal needs a system with SIGUSR1".to_owned())
}
