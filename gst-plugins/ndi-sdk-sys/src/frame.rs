//! What a receiver captures: views into the runtime's memory, given back when they are dropped.
//!
//! A view never reaches past what the frame says of itself: a size that makes no sense reads as no data.

use std::ffi::c_int;
use std::time::Duration;

use crate::abi::{AudioRaw, MetadataRaw, VideoRaw, fourcc};
use crate::finder::read_text;
use crate::receiver::Receiver;

/// One answer of [`Receiver::capture`].
#[derive(Debug)]
pub enum Frame<'r> {
    /// A picture.
    Video(VideoFrame<'r>),
    /// A block of sound.
    Audio(AudioFrame<'r>),
    /// An XML message of the source, as in `<ndi_tally_echo on_program="true" on_preview="false"/>`.
    Metadata(String),
    /// Nothing came within the time.
    None,
    /// The runtime reports that the connection is lost. The receiver goes on trying by itself.
    ConnectionLost,
    /// The source's settings changed (its web page, its abilities).
    StatusChange,
    /// The receiver now listens to another source than before.
    SourceChange,
    /// Something that this version does not know: its type as the runtime gave it.
    Other(i32),
}

/// How the pixels of a picture lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// 4:2:2, 16 bits per pixel.
    Uyvy,
    /// 8 bits each of blue, green, red, alpha: what a source with transparency sends.
    Bgra,
}

impl PixelFormat {
    /// Bytes of one pixel.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Uyvy => 2,
            Self::Bgra => 4,
        }
    }

    pub(crate) fn fourcc(self) -> i32 {
        match self {
            Self::Uyvy => fourcc(*b"UYVY"),
            Self::Bgra => fourcc(*b"BGRA"),
        }
    }
}

/// A picture, given back to the runtime on drop.
pub struct VideoFrame<'r> {
    receiver: &'r Receiver,
    raw: VideoRaw,
}

// SAFETY: the memory belongs to this value alone until it is given back, which the runtime allows from any thread.
unsafe impl Send for VideoFrame<'_> {}

impl<'r> VideoFrame<'r> {
    /// `raw` must have been filled by a capture of `receiver`.
    pub(crate) fn new(receiver: &'r Receiver, raw: VideoRaw) -> Self {
        Self { receiver, raw }
    }

    /// Pixels across.
    #[must_use]
    pub fn width(&self) -> u32 {
        u32::try_from(self.raw.width).unwrap_or(0)
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.raw.height).unwrap_or(0)
    }

    /// How the pixels lie; none if the runtime sends what was not asked for.
    #[must_use]
    pub fn format(&self) -> Option<PixelFormat> {
        [PixelFormat::Uyvy, PixelFormat::Bgra].into_iter().find(|format| format.fourcc() == self.raw.fourcc)
    }

    /// The four character code as the runtime gave it, for messages.
    #[must_use]
    pub fn fourcc(&self) -> String {
        String::from_utf8_lossy(&self.raw.fourcc.to_le_bytes()).into_owned()
    }

    /// Frames per `.1` seconds, as the source says; none if it does not.
    #[must_use]
    pub fn rate(&self) -> Option<(i32, i32)> {
        (self.raw.rate_n > 0 && self.raw.rate_d > 0).then_some((self.raw.rate_n, self.raw.rate_d))
    }

    /// Width by height of the whole picture as it is to be shown; none means square pixels.
    #[must_use]
    pub fn aspect(&self) -> Option<f32> {
        (self.raw.aspect.is_finite() && self.raw.aspect > 0.0).then_some(self.raw.aspect)
    }

    /// From one row to the next, in bytes.
    #[must_use]
    pub fn stride(&self) -> usize {
        let said = usize::try_from(self.raw.stride).unwrap_or(0);
        if said > 0 { said } else { self.row_bytes() }
    }

    /// The pixels, `height` rows of `stride` bytes. Empty if the frame makes no sense.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        if self.raw.data.is_null() || self.row_bytes() == 0 || self.stride() < self.row_bytes() {
            return &[];
        }
        let Some(length) = self.stride().checked_mul(self.height() as usize) else { return &[] };
        // SAFETY: the runtime keeps `height` rows of `stride` bytes at `data` until the frame is given back, and
        // both packed formats hold nothing else.
        unsafe { std::slice::from_raw_parts(self.raw.data, length) }
    }

    /// The XML that came with this picture; empty if none did.
    #[must_use]
    pub fn metadata(&self) -> String {
        // SAFETY: null, or a text that the runtime keeps until the frame is given back.
        unsafe { read_text(self.raw.metadata) }
    }

    /// When the sender submitted it, since the epoch of the sender's clock; none from old senders.
    #[must_use]
    pub fn timestamp(&self) -> Option<Duration> {
        hundred_nanoseconds(self.raw.timestamp)
    }

    fn row_bytes(&self) -> usize {
        self.format().map_or(0, |format| format.bytes() * self.width() as usize)
    }
}

impl Drop for VideoFrame<'_> {
    fn drop(&mut self) {
        // SAFETY: captured by this receiver, which lives, and given back once.
        unsafe { (self.receiver.api().recv_free_video)(self.receiver.instance(), &raw const self.raw) }
    }
}

impl std::fmt::Debug for VideoFrame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VideoFrame({} {}x{})", self.fourcc(), self.width(), self.height())
    }
}

/// A block of sound, given back to the runtime on drop.
pub struct AudioFrame<'r> {
    receiver: &'r Receiver,
    raw: AudioRaw,
}

// SAFETY: as for `VideoFrame`.
unsafe impl Send for AudioFrame<'_> {}

impl<'r> AudioFrame<'r> {
    /// `raw` must have been filled by a capture of `receiver`.
    pub(crate) fn new(receiver: &'r Receiver, raw: AudioRaw) -> Self {
        Self { receiver, raw }
    }

    /// Samples per second.
    #[must_use]
    pub fn rate(&self) -> u32 {
        u32::try_from(self.raw.rate).unwrap_or(0)
    }

    /// How many channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        usize::try_from(self.raw.channels).unwrap_or(0)
    }

    /// Samples of each channel.
    #[must_use]
    pub fn samples(&self) -> usize {
        usize::try_from(self.raw.samples).unwrap_or(0)
    }

    /// The samples of one channel, 1.0 being the source's reference level. Empty if there is no such channel or the
    /// frame makes no sense.
    #[must_use]
    pub fn channel(&self, index: usize) -> &[f32] {
        let stride = usize::try_from(self.raw.channel_stride).unwrap_or(0);
        let sensible = index < self.channels()
            && self.raw.fourcc == fourcc(*b"FLTp")
            && !self.raw.data.is_null()
            && stride >= self.samples().saturating_mul(size_of::<f32>())
            && stride.is_multiple_of(size_of::<f32>())
            && (self.raw.data as usize).is_multiple_of(align_of::<f32>());
        if !sensible {
            return &[];
        }
        // SAFETY: aligned (checked); the runtime keeps `channels` planes, `channel_stride` bytes apart, each of
        // `samples` floats, until the frame is given back.
        unsafe { std::slice::from_raw_parts(self.raw.data.add(index * stride).cast::<f32>(), self.samples()) }
    }

    /// When the sender submitted it, since the epoch of the sender's clock; none from old senders.
    #[must_use]
    pub fn timestamp(&self) -> Option<Duration> {
        hundred_nanoseconds(self.raw.timestamp)
    }
}

impl Drop for AudioFrame<'_> {
    fn drop(&mut self) {
        // SAFETY: captured by this receiver, which lives, and given back once.
        unsafe { (self.receiver.api().recv_free_audio)(self.receiver.instance(), &raw const self.raw) }
    }
}

impl std::fmt::Debug for AudioFrame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AudioFrame({} Hz, {} channels, {} samples)", self.rate(), self.channels(), self.samples())
    }
}

/// Copies a message and gives it back.
pub(crate) fn take_metadata(receiver: &Receiver, raw: &MetadataRaw) -> String {
    // SAFETY: filled by a capture of this receiver: null, or a text that ends in zero.
    let text = unsafe { read_text(raw.data) };
    // SAFETY: captured by this receiver and given back once, here.
    unsafe { (receiver.api().recv_free_metadata)(receiver.instance(), raw) };
    text
}

fn hundred_nanoseconds(count: i64) -> Option<Duration> {
    let count = u64::try_from(count).ok().filter(|count| *count != 0 && *count != i64::MAX as u64)?;
    count.checked_mul(100).map(Duration::from_nanos)
}

/// The C side counts in `int`; what does not fit is not sent.
pub(crate) fn c_int_of(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}
