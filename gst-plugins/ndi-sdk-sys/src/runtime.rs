//! Finds and loads the runtime, once; it is never unloaded, because its threads outlive every handle.
//!
//! A failure is not remembered: when the user installs the runtime, the next load finds it.

use std::ffi::CStr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::abi::Api;
use crate::error::{LoadError, Tried};

/// File names of the runtime on this system, newest first.
pub(crate) const LIBRARY_NAMES: &[&str] = if cfg!(target_os = "windows") {
    &["Processing.NDI.Lib.x64.dll"]
} else if cfg!(target_os = "macos") {
    &["libndi.dylib"]
} else {
    &["libndi.so.6", "libndi.so.5"]
};

/// Folders that the vendor's installers use and the system's loader does not search.
const INSTALL_FOLDERS: &[&str] = if cfg!(target_os = "macos") {
    &["/usr/local/lib", "/Library/NDI SDK for Apple/lib/macOS"]
} else if cfg!(target_os = "windows") {
    &["C:\\Program Files\\NDI\\NDI 6 Runtime\\v6", "C:\\Program Files\\NDI\\NDI 5 Runtime\\v5"]
} else {
    &["/usr/local/lib"]
};

/// Set by the vendor's installers, and the way to point at a runtime by hand.
const FOLDER_VARIABLES: &[&str] = &["NDI_RUNTIME_DIR_V6", "NDI_RUNTIME_DIR_V5"];

/// The sentence that tells the user where the runtime comes from.
pub(crate) const WHERE_TO_GET_IT: &str = if cfg!(target_os = "windows") {
    "Install it from http://ndi.link/NDIRedistV6 (free of charge; licence: http://ndi.link/ndisdk_license)."
} else if cfg!(target_os = "macos") {
    "Install it from http://ndi.link/NDIRedistV6Apple (free of charge; licence: http://ndi.link/ndisdk_license)."
} else {
    "Get the NDI SDK for Linux from https://ndi.video (free of charge; licence: http://ndi.link/ndisdk_license), \
     install libavahi-client3, and set NDI_RUNTIME_DIR_V6 to the folder that holds libndi.so.6."
};

/// The loaded runtime. Everything else is made from it.
pub struct Runtime {
    pub(crate) api: Api,
    path: String,
    // Keeps the entry points of `api` valid. `Runtime::load` keeps one reference for ever, so it never closes.
    _library: libloading::Library,
}

static LOADED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);

impl Runtime {
    /// Loads the runtime, or gives the one that is loaded.
    ///
    /// # Errors
    /// [`LoadError`] says what to install, and where it was looked for.
    pub fn load() -> Result<Arc<Self>, LoadError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return Ok(Arc::clone(runtime));
        }
        let runtime =
            Arc::new(Self::first_of(&candidates(|name| std::env::var_os(name).map(PathBuf::from)))?);
        *loaded = Some(Arc::clone(&runtime));
        Ok(runtime)
    }

    /// The runtime's own version, as in `NDI SDK LINUX 09:19:07 Sep 24 2026 6.3.2.0`.
    #[must_use]
    pub fn version(&self) -> String {
        // SAFETY: the entry point takes nothing and answers with a static text or null.
        let text = unsafe { (self.api.version)() };
        if text.is_null() {
            return String::new();
        }
        // SAFETY: not null, and the header promises a text that ends in zero and lives as long as the library.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    /// The file it came from, or the bare name that the system's loader resolved.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    fn first_of(candidates: &[PathBuf]) -> Result<Self, LoadError> {
        let mut searched = Vec::new();
        for candidate in candidates {
            let path = candidate.display().to_string();
            let is_file = candidate.is_absolute();
            if is_file && !candidate.exists() {
                searched.push(Tried { path, outcome: "no such file".to_owned() });
                continue;
            }
            // SAFETY: loading runs the library's initialisers. A file of this name in these places is the vendor's
            // runtime, which the user installed for this purpose.
            let reason = match unsafe { libloading::Library::new(candidate) } {
                Ok(library) => return Self::begin(library, path),
                Err(error) => said(&error),
            };
            if is_file || !is_absence(&reason, &path) {
                return Err(LoadError::Broken { path, reason });
            }
            searched.push(Tried { path, outcome: "unknown to the system's loader".to_owned() });
        }
        Err(LoadError::NotInstalled { searched })
    }

    fn begin(library: libloading::Library, path: String) -> Result<Self, LoadError> {
        // SAFETY: the library is the NDI runtime (see `first_of`), and is kept beside the table.
        let api = unsafe { Api::look_up(&library, &path)? };
        // SAFETY: takes nothing; may be called any number of times.
        if unsafe { (api.initialize)() } {
            Ok(Self { api, path, _library: library })
        } else {
            Err(LoadError::ProcessorRefused { path })
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Every place to look at, in order: the variables, the vendor's folders, the system's loader.
fn candidates(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let named = FOLDER_VARIABLES
        .iter()
        .filter_map(|name| variable(name))
        .filter(|folder| !folder.as_os_str().is_empty());
    let folders: Vec<PathBuf> = named.chain(INSTALL_FOLDERS.iter().map(PathBuf::from)).collect();
    let in_folders =
        folders.iter().flat_map(|folder| LIBRARY_NAMES.iter().map(move |name| folder.join(name)));
    in_folders.chain(LIBRARY_NAMES.iter().map(PathBuf::from)).collect()
}

/// All that the system's loader says.
fn said(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), said)
}

/// Whether the loader's answer to a bare name means that the library itself is not there (one that is there and
/// lacks another names that one instead).
fn is_absence(answer: &str, name: &str) -> bool {
    cfg!(not(target_os = "linux")) || answer.trim_start().starts_with(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_variables_come_before_the_systems_places_and_newer_before_older() {
        let places = candidates(|name| (name == "NDI_RUNTIME_DIR_V6").then(|| PathBuf::from("/ndi")));
        assert_eq!(places[0], Path::new("/ndi").join(LIBRARY_NAMES[0]));
        assert_eq!(places.last().map(PathBuf::as_path), LIBRARY_NAMES.last().map(Path::new));
    }

    #[test]
    fn an_empty_variable_is_not_the_root_folder() {
        let places = candidates(|_| Some(PathBuf::new()));
        assert!(places.iter().all(|place| place != Path::new("/libndi.so.6")));
    }

    #[test]
    fn a_file_that_is_no_library_is_called_broken() {
        let folder = std::env::temp_dir().join(format!("ndi-broken-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let file = folder.join("libndi.so.6");
        std::fs::write(&file, b"not a library").expect("the temporary folder can be written");
        let answer = Runtime::first_of(std::slice::from_ref(&file));
        std::fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
        let Err(LoadError::Broken { path, reason }) = answer else {
            panic!("it cannot be loaded: {answer:?}")
        };
        assert_eq!(path, file.display().to_string());
        assert!(
            reason.contains("file too short") || reason.contains("invalid"),
            "the loader's own words: {reason}"
        );
    }

    /// A library of the runtime's name that has these functions and no other.
    #[cfg(target_os = "linux")]
    fn library(folder: &Path, source: &str) -> PathBuf {
        let (code, file) = (folder.join("runtime.c"), folder.join("libndi.so.6"));
        std::fs::write(&code, source).expect("the temporary folder can be written");
        let made =
            std::process::Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&file).arg(&code).status();
        assert!(made.expect("there is a C compiler: Rust links with it").success());
        file
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_runtime_that_is_too_old_is_said_to_be_with_what_it_lacks_and_where_a_newer_one_is() {
        let folder = std::env::temp_dir().join(format!("ndi-old-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        // As version 3 and before: it begins and says its version, and cannot find by the later call.
        let old = "int NDIlib_initialize(void) { return 1; }\n\
                   const char *NDIlib_version(void) { return \"NDI SDK LINUX 3.8\"; }\n\
                   void *NDIlib_find_create(void *how) { return how; }\n";
        let file = library(&folder, old);
        let answer = Runtime::first_of(std::slice::from_ref(&file));
        std::fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
        let Err(error @ LoadError::TooOld { .. }) = answer else { panic!("it is too old: {answer:?}") };
        let sentence = error.to_string();
        assert!(
            sentence.starts_with(&format!("the NDI runtime at {} is too old: ", file.display())),
            "{sentence}"
        );
        assert!(sentence.contains("NDIlib_find_create_v2") && sentence.contains("http"), "{sentence}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_runtime_that_is_there_and_lacks_another_library_is_not_absent() {
        let of = |library| format!("{library}: cannot open shared object file: No such file or directory");
        assert!(is_absence(&of("libndi.so.6"), "libndi.so.6"));
        assert!(!is_absence(&of("libavahi-client.so.3"), "libndi.so.6"));
    }

    #[test]
    fn places_that_are_empty_are_all_named() {
        let place = PathBuf::from("/nowhere/libndi.so.6");
        let Err(LoadError::NotInstalled { searched }) = Runtime::first_of(std::slice::from_ref(&place))
        else {
            panic!("nothing can be loaded from nowhere");
        };
        assert_eq!(searched, [Tried { path: "/nowhere/libndi.so.6".into(), outcome: "no such file".into() }]);
    }
}
