//! Lists the sources on the network. It holds no opinion on which one is meant.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{NonNull, null};
use std::sync::Arc;
use std::time::Duration;

use crate::abi::{FindCreate, SourceRef};
use crate::error::CreateError;
use crate::runtime::Runtime;

/// A source as the network tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// `MACHINE (Name)`: stays when the address changes.
    pub name: String,
    /// `192.168.1.20:5961`: may change when the sender restarts.
    pub url: String,
}

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct FindOptions {
    /// Addresses of machines outside this network segment, comma separated.
    pub extra_ips: Option<String>,
    /// Groups, comma separated; none means the runtime's own configuration.
    pub groups: Option<String>,
}

/// A running search. It takes up to a few seconds until it knows the network.
pub struct Finder {
    runtime: Arc<Runtime>,
    instance: NonNull<c_void>,
}

// SAFETY: the runtime allows a finder to be used from any one thread at a time; every use takes `&mut self`.
unsafe impl Send for Finder {}

impl Finder {
    /// Begins to search.
    ///
    /// # Errors
    /// If a text cannot be passed on, or the runtime refuses.
    pub fn new(runtime: &Arc<Runtime>, options: &FindOptions) -> Result<Self, CreateError> {
        let groups = optional_text("group list", options.groups.as_deref())?;
        let extra_ips = optional_text("address list", options.extra_ips.as_deref())?;
        let create = FindCreate {
            show_local_sources: true,
            groups: pointer(groups.as_ref()),
            extra_ips: pointer(extra_ips.as_ref()),
        };
        // SAFETY: the structure and its texts live through the call; the runtime copies them.
        let instance = unsafe { (runtime.api.find_create)(&raw const create) };
        let instance = NonNull::new(instance).ok_or(CreateError::Refused { what: "finder" })?;
        Ok(Self { runtime: Arc::clone(runtime), instance })
    }

    /// Waits until the list changes, at most `timeout`. Whether it changed.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        // SAFETY: the instance lives; `&mut self` keeps other threads out.
        unsafe { (self.runtime.api.find_wait)(self.instance.as_ptr(), milliseconds(timeout)) }
    }

    /// The sources known now, sorted by name.
    pub fn sources(&mut self) -> Vec<Source> {
        let mut count: u32 = 0;
        // SAFETY: the instance lives and `count` is writable.
        let first = unsafe { (self.runtime.api.find_sources)(self.instance.as_ptr(), &raw mut count) };
        if first.is_null() {
            return Vec::new();
        }
        // SAFETY: the runtime answers with `count` entries, valid until the next call on this finder.
        let entries = unsafe { std::slice::from_raw_parts(first, count as usize) };
        // SAFETY: as above, so are the texts that they point to.
        let mut sources: Vec<Source> = entries.iter().map(|entry| unsafe { read_source(entry) }).collect();
        sources.sort();
        sources
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        // SAFETY: made by `find_create`, destroyed once.
        unsafe { (self.runtime.api.find_destroy)(self.instance.as_ptr()) }
    }
}

/// Copies a source out of the runtime's memory.
///
/// # Safety
/// The entry's texts are null or end in zero and are valid now.
pub(crate) unsafe fn read_source(entry: &SourceRef) -> Source {
    // SAFETY: the caller vouches for both.
    unsafe { Source { name: read_text(entry.name), url: read_text(entry.url) } }
}

/// Copies a text that the runtime keeps valid for the moment; none is empty.
///
/// # Safety
/// `text` is null or ends in zero and is valid now.
pub(crate) unsafe fn read_text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null; the caller vouches for the rest.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// A text for the C side; none and empty are both "not said".
pub(crate) fn optional_text(what: &'static str, text: Option<&str>) -> Result<Option<CString>, CreateError> {
    text.filter(|text| !text.is_empty())
        .map(|text| CString::new(text).map_err(|_| CreateError::ZeroByte { what, text: text.to_owned() }))
        .transpose()
}

/// The pointer to a text, or null.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(null(), |text| text.as_ptr())
}

/// A time as the runtime takes it; what is too long to say is the longest it can wait.
pub(crate) fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_zero_byte_is_refused_by_name() {
        let refusal = optional_text("source name", Some("a\0b"));
        assert_eq!(refusal, Err(CreateError::ZeroByte { what: "source name", text: "a\0b".into() }));
    }

    #[test]
    fn an_empty_text_is_not_said() {
        assert_eq!(optional_text("source name", Some("")), Ok(None));
    }
}
