//! The demuxer: SRT messages in, whole units out, each as soon as its end is known (ISO/IEC 13818-1).
//!
//! Refuses to wait for the next unit when this one's end can be known: by PES length; else by stuffing; else by
//! a short message; only then by the next start. Refuses to hand over what it knows to be damaged.
//! Invariant: whatever comes in, it neither panics nor holds more than one unit per track.

mod assembler;
mod ending;
mod event;
mod framing;
mod gop;
mod program;
mod streams;
mod tables;
mod track;

use returnfeed_protocol::MediaTime;

pub use event::{AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause, Effect, VideoFormat};
use framing::{Framer, Shape};
use program::Followed;

use crate::MAX_MESSAGE;
use crate::ts::time::Timeline;

/// So much without a packet, and the sender sends something else: twelve full messages.
const NOT_A_STREAM: usize = 16 * 1024;

/// A demuxer for one SRT connection.
///
/// ```
/// use returnfeed_media::{DemuxEvent, TsDemuxer};
///
/// fn on_message(demuxer: &mut TsDemuxer, message: &[u8]) {
///     demuxer.handle_message(message);
///     while let Some(event) = demuxer.poll_event() {
///         match event {
///             DemuxEvent::Unit(unit) => println!("{unit:?}"),
///             DemuxEvent::Discontinuity { track, .. } => println!("{track}: ask for a keyframe"),
///             DemuxEvent::Format { .. } => {}
///             DemuxEvent::Unusable(problem) => println!("{problem}"),
///         }
///     }
/// }
/// # on_message(&mut TsDemuxer::new(), &[0x47; 1316]);
/// ```
#[derive(Debug, Default)]
pub struct TsDemuxer {
    framer: Framer,
    followed: Followed,
}

impl TsDemuxer {
    /// A demuxer whose timeline begins where the sender's does.
    pub fn new() -> Self {
        Self::default()
    }

    /// A demuxer whose first time is placed within 13 hours of `reference`: for a connection beside another one
    /// of the same sender, or after it, whose timeline may have wrapped meanwhile.
    pub fn near(reference: MediaTime) -> Self {
        Self { followed: Followed::new(Timeline::near(reference)), ..Self::default() }
    }

    /// Takes one message of the connection, in order. Drain [`poll_event`](Self::poll_event) after each.
    pub fn handle_message(&mut self, message: &[u8]) {
        let Self { framer, followed } = self;
        let shape = framer.push(message, |packet| followed.handle_packet(packet));
        if shape == Shape::Aligned && !message.is_empty() && message.len() < MAX_MESSAGE {
            followed.handle_short_message();
        }
        let skipped = framer.garbage();
        if skipped >= NOT_A_STREAM {
            followed.tell(DemuxProblem::NotTransportStream { skipped });
        }
    }

    /// The connection has given up on messages here. Counters show most losses by themselves, but not one of 16
    /// packets of a track in a row: who knows of a loss must say so, or a unit may be put together across it.
    pub fn handle_loss(&mut self) {
        self.framer = Framer::default();
        self.followed.handle_loss();
    }

    /// The next event, until there is none.
    pub fn poll_event(&mut self) -> Option<DemuxEvent> {
        self.followed.poll_event()
    }
}
