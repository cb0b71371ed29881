//! The C interface of libsrt 1.4 and 1.5 (srt.h), as much of it as is used here, found in the system's library.

#![expect(unsafe_code, reason = "libsrt is a C library; each block says why it is sound")]

use std::ffi::{CStr, c_char, c_int, c_void};

use anyhow::{Context, Result};
use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};

/// Debian's libsrt with OpenSSL, and the one that its tools use.
const NAMES: [&str; 2] = ["libsrt.so.1.5", "libsrt-gnutls.so.1.5"];

/// Options of srt.h (SRT_SOCKOPT).
pub(super) const RECEIVE_BLOCKS: c_int = 2;
pub(super) const UDP_RECEIVE_BUFFER: c_int = 9;
pub(super) const LATENCY: c_int = 23;
pub(super) const PASSPHRASE: c_int = 26;
pub(super) const KEY_LENGTH: c_int = 27;
pub(super) const CONNECT_TIMEOUT: c_int = 36;
/// Of syslog: what it drops, libsrt tells at length, which costs more than dropping it.
const CRITICAL: c_int = 2;
/// Events of srt.h (SRT_EPOLL_OPT).
pub(super) const READABLE: c_int = 1;
/// What libsrt's calls return when they fail, and for no socket.
pub(super) const FAILED: c_int = -1;

/// SRT_EPOLL_EVENT.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Event {
    pub(super) socket: c_int,
    pub(super) events: c_int,
}

/// SRT_TRACEBSTATS up to what is read, and more room after it than any version fills.
#[repr(C)]
pub(super) struct Stats {
    pub(super) ms: i64,
    pub(super) sent: i64,
    pub(super) received: i64,
    pub(super) send_lost: c_int,
    pub(super) receive_lost: c_int,
    pub(super) repeated: c_int,
    pub(super) rest: [u64; 256],
}

/// The library, started; ended when it is dropped.
pub(crate) struct Library {
    pub(super) create_socket: unsafe extern "C" fn() -> c_int,
    pub(super) set_flag: unsafe extern "C" fn(c_int, c_int, *const c_void, c_int) -> c_int,
    pub(super) bind: unsafe extern "C" fn(c_int, *const c_void, c_int) -> c_int,
    pub(super) listen: unsafe extern "C" fn(c_int, c_int) -> c_int,
    pub(super) accept: unsafe extern "C" fn(c_int, *mut c_void, *mut c_int) -> c_int,
    pub(super) connect: unsafe extern "C" fn(c_int, *const c_void, c_int) -> c_int,
    pub(super) name: unsafe extern "C" fn(c_int, *mut c_void, *mut c_int) -> c_int,
    pub(super) send: unsafe extern "C" fn(c_int, *const c_char, c_int) -> c_int,
    pub(super) receive: unsafe extern "C" fn(c_int, *mut c_char, c_int) -> c_int,
    pub(super) stats: unsafe extern "C" fn(c_int, *mut Stats, c_int, c_int) -> c_int,
    pub(super) close: unsafe extern "C" fn(c_int) -> c_int,
    pub(super) epoll_create: unsafe extern "C" fn() -> c_int,
    pub(super) epoll_add: unsafe extern "C" fn(c_int, c_int, *const c_int) -> c_int,
    pub(super) epoll_wait: unsafe extern "C" fn(c_int, *mut Event, c_int, i64) -> c_int,
    error: unsafe extern "C" fn() -> *const c_char,
    cleanup: unsafe extern "C" fn() -> c_int,
    /// Named and versioned: what the report says.
    pub(crate) label: String,
    /// Last, so that it goes after all that points into it.
    _loaded: Loaded,
}

impl Library {
    /// Loads and starts it.
    pub(crate) fn load() -> Result<Self> {
        let found = NAMES.iter().find_map(|name| {
            // SAFETY: libsrt's initialisers only set up its own statics.
            unsafe { Loaded::open(Some(*name), RTLD_NOW | RTLD_LOCAL) }.ok().map(|library| (name, library))
        });
        let (name, loaded) = found.context("libsrt 1.5 is not on this machine; install srt-tools")?;
        macro_rules! call {
            ($name:literal) => {
                // SAFETY: the field's type is srt.h's declaration of this function, and the library outlives it.
                *unsafe { loaded.get($name) }.context("the library lacks a call of libsrt 1.5")?
            };
        }
        let startup: unsafe extern "C" fn() -> c_int = call!(b"srt_startup");
        let version: unsafe extern "C" fn() -> u32 = call!(b"srt_getversion");
        let set_log_level: unsafe extern "C" fn(c_int) = call!(b"srt_setloglevel");
        // SAFETY: plain numbers or nothing; startup may be called at any time.
        let version = unsafe {
            set_log_level(CRITICAL);
            startup();
            version()
        };
        let [_, major, minor, patch] = version.to_be_bytes();
        Ok(Self {
            create_socket: call!(b"srt_create_socket"),
            set_flag: call!(b"srt_setsockflag"),
            bind: call!(b"srt_bind"),
            listen: call!(b"srt_listen"),
            accept: call!(b"srt_accept"),
            connect: call!(b"srt_connect"),
            name: call!(b"srt_getsockname"),
            send: call!(b"srt_send"),
            receive: call!(b"srt_recv"),
            stats: call!(b"srt_bistats"),
            close: call!(b"srt_close"),
            epoll_create: call!(b"srt_epoll_create"),
            epoll_add: call!(b"srt_epoll_add_usock"),
            epoll_wait: call!(b"srt_epoll_uwait"),
            error: call!(b"srt_getlasterror_str"),
            cleanup: call!(b"srt_cleanup"),
            label: format!("libsrt {major}.{minor}.{patch} ({name})"),
            _loaded: loaded,
        })
    }

    /// What went wrong last on this thread.
    pub(super) fn error(&self) -> String {
        // SAFETY: a string of libsrt's own that stays until this thread's next error; it is copied at once.
        unsafe { CStr::from_ptr((self.error)()) }.to_string_lossy().into_owned()
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: ends libsrt's threads; every socket borrows the library and is closed by now.
        unsafe { (self.cleanup)() };
    }
}
