//! An NDI source, for tests and tools: the product itself only receives.

use std::ffi::c_void;
use std::ptr::{NonNull, null};
use std::sync::Arc;
use std::time::Duration;

use crate::abi::{AudioRaw, SenderCreate, TallyRaw, VideoRaw, fourcc};
use crate::error::CreateError;
use crate::finder::{Source, milliseconds, optional_text, pointer, read_source};
use crate::frame::{PixelFormat, c_int_of};
use crate::receiver::Tally;
use crate::runtime::Runtime;

/// A picture to send: `height` rows of `width` pixels without gaps between them.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// How the pixels lie.
    pub format: PixelFormat,
    /// Pixels across.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames per `.1` seconds.
    pub rate: (i32, i32),
    /// Width by height as it is to be shown; 0 for square pixels.
    pub aspect: f32,
    /// The pixels.
    pub data: &'a [u8],
}

/// Sound to send: the channels one after the other, each of `samples` floats.
#[derive(Debug, Clone, Copy)]
pub struct Sound<'a> {
    /// Samples per second.
    pub rate: u32,
    /// How many channels.
    pub channels: usize,
    /// Samples of each channel.
    pub samples: usize,
    /// `channels * samples` floats.
    pub data: &'a [f32],
}

/// A source that others can find and receive.
pub struct Sender {
    runtime: Arc<Runtime>,
    instance: NonNull<c_void>,
}

// SAFETY: the runtime allows the calls on one sender from several threads; it is destroyed when no reference is left.
unsafe impl Send for Sender {}
// SAFETY: as above.
unsafe impl Sync for Sender {}

impl Sender {
    /// Opens a source called `MACHINE (name)`. With `clock_video`, sending a picture waits until its time has come.
    ///
    /// # Errors
    /// If the name cannot be passed on, or the runtime refuses (a name that is taken, no free port).
    pub fn new(runtime: &Arc<Runtime>, name: &str, clock_video: bool) -> Result<Self, CreateError> {
        let name = optional_text("source name", Some(name))?;
        let create =
            SenderCreate { name: pointer(name.as_ref()), groups: null(), clock_video, clock_audio: false };
        // SAFETY: the structure and its text live through the call; the runtime copies them.
        let instance = unsafe { (runtime.api.send_create)(&raw const create) };
        let instance = NonNull::new(instance).ok_or(CreateError::Refused { what: "sender" })?;
        Ok(Self { runtime: Arc::clone(runtime), instance })
    }

    /// Sends a picture. One whose data is not exactly its size is not sent: false.
    pub fn send_video(&self, picture: &Picture<'_>) -> bool {
        let row = picture.format.bytes() * picture.width as usize;
        if picture.data.is_empty() || Some(picture.data.len()) != row.checked_mul(picture.height as usize) {
            return false;
        }
        let raw = VideoRaw {
            width: c_int_of(picture.width as usize),
            height: c_int_of(picture.height as usize),
            fourcc: picture.format.fourcc(),
            rate_n: picture.rate.0,
            rate_d: picture.rate.1,
            aspect: picture.aspect,
            data: picture.data.as_ptr().cast_mut(),
            stride: c_int_of(row),
            ..VideoRaw::default()
        };
        // SAFETY: the data is as long as the structure says (checked); the call only reads it and is done with it
        // when it returns.
        unsafe { (self.runtime.api.send_video)(self.instance.as_ptr(), &raw const raw) };
        true
    }

    /// Sends sound. A block whose data is not exactly its size is not sent: false.
    pub fn send_audio(&self, sound: &Sound<'_>) -> bool {
        if sound.data.is_empty() || Some(sound.data.len()) != sound.channels.checked_mul(sound.samples) {
            return false;
        }
        let raw = AudioRaw {
            rate: c_int_of(sound.rate as usize),
            channels: c_int_of(sound.channels),
            samples: c_int_of(sound.samples),
            fourcc: fourcc(*b"FLTp"),
            data: sound.data.as_ptr().cast::<u8>().cast_mut(),
            channel_stride: c_int_of(sound.samples * size_of::<f32>()),
            ..AudioRaw::default()
        };
        // SAFETY: as for `send_video`.
        unsafe { (self.runtime.api.send_audio)(self.instance.as_ptr(), &raw const raw) };
        true
    }

    /// The lamps that this source shows: what all its receivers ask for together. Waits at most `timeout` for a
    /// change, and says whether there was one.
    pub fn tally(&self, timeout: Duration) -> (Tally, bool) {
        let mut raw = TallyRaw::default();
        // SAFETY: the instance lives; the structure is writable.
        let changed = unsafe {
            (self.runtime.api.send_tally)(self.instance.as_ptr(), &raw mut raw, milliseconds(timeout))
        };
        (Tally { program: raw.program, preview: raw.preview }, changed)
    }

    /// How many receivers listen; waits at most `timeout` for the first.
    #[must_use]
    pub fn connections(&self, timeout: Duration) -> u32 {
        // SAFETY: the instance lives.
        let count =
            unsafe { (self.runtime.api.send_connections)(self.instance.as_ptr(), milliseconds(timeout)) };
        u32::try_from(count).unwrap_or(0)
    }

    /// How others see this source; the address is empty, the runtime does not tell it here.
    #[must_use]
    pub fn source(&self) -> Source {
        // SAFETY: the instance lives; the answer is null or valid until the sender is destroyed.
        let entry = unsafe { (self.runtime.api.send_source)(self.instance.as_ptr()).as_ref() };
        // SAFETY: as above.
        entry
            .map_or(Source { name: String::new(), url: String::new() }, |entry| unsafe { read_source(entry) })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: made by `send_create`, destroyed once; every send is done when it returns.
        unsafe { (self.runtime.api.send_destroy)(self.instance.as_ptr()) }
    }
}
