//! One connection to one source: picture, sound, messages in; tally out. It lives over outages: the runtime
//! connects again by itself, follows a source that it was given by name to a new port, and tells it the tally again.
//!
//! A receiver that is dropped, or whose process dies, takes its tally with it.

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::time::Duration;

use crate::abi::{
    Api, AudioRaw, COLOR_UYVY_BGRA, MetadataRaw, PerformanceRaw, QueueRaw, ReceiverCreate, SourceRef,
    TallyRaw, VideoRaw, frame_type,
};
use crate::error::CreateError;
use crate::finder::{milliseconds, optional_text, pointer};
use crate::frame::{AudioFrame, Frame, VideoFrame, take_metadata};
use crate::runtime::Runtime;

/// How much of a source is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bandwidth {
    /// Messages and tally alone.
    MetadataOnly,
    /// Sound, messages and tally.
    AudioOnly,
    /// The source's small picture (640 on the long edge, full rate), sound, messages and tally.
    #[default]
    Lowest,
    /// The source's full picture, and everything else.
    Highest,
}

/// Lit lamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// RED.
    pub program: bool,
    /// GREEN.
    pub preview: bool,
}

/// What to receive. A name alone is searched for; an address alone is called; with both, the address is called and
/// the name followed.
#[derive(Debug, Clone, Default)]
pub struct ReceiveOptions {
    /// `MACHINE (Name)`.
    pub name: Option<String>,
    /// `192.168.1.20:5961`.
    pub url: Option<String>,
    /// How much is fetched.
    pub bandwidth: Bandwidth,
    /// What the source sees this receiver called; none means the program's name.
    pub receiver_name: Option<String>,
}

/// Frames by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Pictures.
    pub video: u64,
    /// Blocks of sound.
    pub audio: u64,
    /// Messages.
    pub metadata: u64,
}

/// How well a receiver keeps up, since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Performance {
    /// What came.
    pub received: Counts,
    /// What the runtime threw away because nobody took it in time.
    pub dropped: Counts,
    /// What waits to be taken.
    pub queued: Counts,
}

/// A connection to one source, usable from several threads.
pub struct Receiver {
    runtime: Arc<Runtime>,
    instance: NonNull<c_void>,
}

// SAFETY: the header allows captures and the other calls on one receiver from several threads at once; it is
// destroyed in `drop`, when no reference is left.
unsafe impl Send for Receiver {}
// SAFETY: as above.
unsafe impl Sync for Receiver {}

impl Receiver {
    /// Begins to receive. Does not wait for the source: it may come later.
    ///
    /// # Errors
    /// If no source is named, a text cannot be passed on, or the runtime refuses.
    pub fn new(runtime: &Arc<Runtime>, options: &ReceiveOptions) -> Result<Self, CreateError> {
        let name = optional_text("source name", options.name.as_deref())?;
        let url = optional_text("source address", options.url.as_deref())?;
        let receiver_name = optional_text("receiver name", options.receiver_name.as_deref())?;
        if name.is_none() && url.is_none() {
            return Err(CreateError::NoSource);
        }
        let create = ReceiverCreate {
            source: SourceRef { name: pointer(name.as_ref()), url: pointer(url.as_ref()) },
            color_format: COLOR_UYVY_BGRA,
            bandwidth: options.bandwidth.code(),
            allow_video_fields: false,
            name: pointer(receiver_name.as_ref()),
        };
        // SAFETY: the structure and its texts live through the call; the runtime copies them.
        let instance = unsafe { (runtime.api.recv_create)(&raw const create) };
        let instance = NonNull::new(instance).ok_or(CreateError::Refused { what: "receiver" })?;
        Ok(Self { runtime: Arc::clone(runtime), instance })
    }

    /// Listens to another source, or to the same at another address. The tally goes with it.
    ///
    /// # Errors
    /// If no source is named or a text cannot be passed on; the receiver then stays with what it had.
    pub fn connect(&self, name: Option<&str>, url: Option<&str>) -> Result<(), CreateError> {
        let name = optional_text("source name", name)?;
        let url = optional_text("source address", url)?;
        if name.is_none() && url.is_none() {
            return Err(CreateError::NoSource);
        }
        let source = SourceRef { name: pointer(name.as_ref()), url: pointer(url.as_ref()) };
        // SAFETY: the instance lives; the structure and its texts live through the call.
        unsafe { (self.api().recv_connect)(self.instance(), &raw const source) };
        Ok(())
    }

    /// Waits for whatever comes next, at most `timeout`. A frame of each kind goes to one of the threads that ask
    /// for it. A wait that ends without a frame is dear: runtime 6.3 spins for its last 0.8 ms.
    pub fn capture(&self, timeout: Duration) -> Frame<'_> {
        self.capture_of(Kinds { video: true, audio: true, metadata: true }, timeout)
    }

    /// Waits for the next picture, and leaves the rest to others.
    pub fn capture_video(&self, timeout: Duration) -> Frame<'_> {
        self.capture_of(Kinds { video: true, ..Kinds::default() }, timeout)
    }

    /// Waits for the next block of sound, and leaves the rest to others.
    pub fn capture_audio(&self, timeout: Duration) -> Frame<'_> {
        self.capture_of(Kinds { audio: true, ..Kinds::default() }, timeout)
    }

    /// Waits for the next message, and leaves the rest to others.
    pub fn capture_metadata(&self, timeout: Duration) -> Frame<'_> {
        self.capture_of(Kinds { metadata: true, ..Kinds::default() }, timeout)
    }

    fn capture_of(&self, wanted: Kinds, timeout: Duration) -> Frame<'_> {
        let (mut video, mut audio, mut metadata) =
            (VideoRaw::default(), AudioRaw::default(), MetadataRaw::default());
        // SAFETY: the instance lives; each pointer is null or to a structure of the type that the header asks for.
        let kind = unsafe {
            (self.api().recv_capture)(
                self.instance(),
                if wanted.video { &raw mut video } else { null_mut() },
                if wanted.audio { &raw mut audio } else { null_mut() },
                if wanted.metadata { &raw mut metadata } else { null_mut() },
                milliseconds(timeout),
            )
        };
        match kind {
            frame_type::NONE => Frame::None,
            frame_type::VIDEO => Frame::Video(VideoFrame::new(self, video)),
            frame_type::AUDIO => Frame::Audio(AudioFrame::new(self, audio)),
            frame_type::METADATA => Frame::Metadata(take_metadata(self, &metadata)),
            frame_type::ERROR => Frame::ConnectionLost,
            frame_type::STATUS_CHANGE => Frame::StatusChange,
            frame_type::SOURCE_CHANGE => Frame::SourceChange,
            other => Frame::Other(other),
        }
    }

    /// Lights the source's lamps as far as this receiver has a say: the source shows RED if *any* receiver says so.
    /// Kept over outages. Whether a source is connected now to hear it.
    pub fn set_tally(&self, tally: Tally) -> bool {
        let raw = TallyRaw { program: tally.program, preview: tally.preview };
        // SAFETY: the instance lives; the structure lives through the call.
        unsafe { (self.api().recv_set_tally)(self.instance(), &raw const raw) }
    }

    /// 1 while the source is there, else 0.
    #[must_use]
    pub fn connections(&self) -> u32 {
        // SAFETY: the instance lives.
        u32::try_from(unsafe { (self.api().recv_connections)(self.instance()) }).unwrap_or(0)
    }

    /// What came, what was thrown away and what waits.
    #[must_use]
    pub fn performance(&self) -> Performance {
        let (mut total, mut dropped, mut queue) =
            (PerformanceRaw::default(), PerformanceRaw::default(), QueueRaw::default());
        // SAFETY: the instance lives; both structures are writable.
        unsafe { (self.api().recv_performance)(self.instance(), &raw mut total, &raw mut dropped) };
        // SAFETY: the instance lives; the structure is writable.
        unsafe { (self.api().recv_queue)(self.instance(), &raw mut queue) };
        Performance {
            received: Counts::of(total.video, total.audio, total.metadata),
            dropped: Counts::of(dropped.video, dropped.audio, dropped.metadata),
            queued: Counts::of(queue.video.into(), queue.audio.into(), queue.metadata.into()),
        }
    }

    pub(crate) fn api(&self) -> &Api {
        &self.runtime.api
    }

    pub(crate) fn instance(&self) -> *mut c_void {
        self.instance.as_ptr()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: made by `recv_create`, destroyed once; frames borrow the receiver, so none is left.
        unsafe { (self.runtime.api.recv_destroy)(self.instance.as_ptr()) }
    }
}

/// Which kinds of frame a capture asks for.
#[derive(Clone, Copy, Default)]
struct Kinds {
    video: bool,
    audio: bool,
    metadata: bool,
}

impl Bandwidth {
    fn code(self) -> i32 {
        match self {
            Self::MetadataOnly => -10,
            Self::AudioOnly => 10,
            Self::Lowest => 0,
            Self::Highest => 100,
        }
    }
}

impl Counts {
    fn of(video: i64, audio: i64, metadata: i64) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Self { video: count(video), audio: count(audio), metadata: count(metadata) }
    }
}
