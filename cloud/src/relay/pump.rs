//! Carries what happens on the media plane to those who want to know.
//!
//! It refuses to be the truth: when it missed something, it asks the media plane how things stand.

use returnfeed_protocol::SessionId;
use tokio::sync::broadcast::error::RecvError;

use super::{Far, Relay};
use crate::media::MediaEvent;

impl Relay {
    /// Runs until the media plane ends.
    pub async fn pump(self) {
        let mut events = self.media.events();
        loop {
            match events.recv().await {
                Ok(event) => self.handle_media(event),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "media events came faster than they were read; asking again");
                    for room in self.rooms() {
                        room.handle_picture_changed();
                    }
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn handle_media(&self, event: MediaEvent) {
        match event {
            MediaEvent::LayerArrived { session, .. } | MediaEvent::FarPicture { session } => {
                self.in_room(session, |room| room.handle_picture_changed());
            }
            MediaEvent::LayerLost { session, layer } => {
                self.in_room(session, |room| room.handle_layer_lost(layer));
            }
            MediaEvent::IngestImpaired { session, layer, problem } => {
                self.in_room(session, |room| room.handle_ingest_impaired(layer, problem));
            }
            MediaEvent::IngestMended { session, layer, code } => {
                self.in_room(session, |room| room.handle_ingest_mended(layer, code));
            }
            MediaEvent::IngestRefused { session, layer, problem } => {
                self.in_room(session, |room| room.handle_ingest_refused(layer, problem));
            }
            MediaEvent::KeyframeWanted { session, layer } => {
                if !self.in_room(session, |room| room.handle_keyframe_wanted(layer)).unwrap_or(false) {
                    // Its director is at another server, if anywhere.
                    self.bus.say(session, Far::Keyframe { layer });
                }
            }
            // Presence is of pages, and a viewer's layer is its own affair.
            MediaEvent::ViewerJoined { .. }
            | MediaEvent::ViewerLeft { .. }
            | MediaEvent::LayerSwitched { .. } => {}
        }
    }

    fn in_room<T>(&self, session: SessionId, act: impl FnOnce(&super::Room) -> T) -> Option<T> {
        self.open_room(session).map(|room| act(&room))
    }
}
