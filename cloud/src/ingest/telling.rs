//! What the rest of the server, and through it the director, is told of a push.
//!
//! It refuses to speak of what is missing before there is a picture that it is missing from.

use returnfeed_media::{DemuxProblem, Effect};
use returnfeed_protocol::{Layer, Problem, SessionId, StreamId};
use returnfeed_srt::PathReport;
use tracing::info;

use super::source::Source;
use super::{Ingest, path, refusal};
use crate::media::MediaEvent;

impl Ingest {
    pub(super) fn unusable(&mut self, connection: Source, id: &StreamId, problem: DemuxProblem) {
        info!(session = %id.session, layer = %id.layer, %problem, "a push cannot be used as it is");
        if problem.effect() == Effect::GoesOn {
            if let Some(open) = self.streams.get_mut(&connection) {
                let kind = std::mem::discriminant(&problem);
                open.shortcomings.retain(|known| std::mem::discriminant(known) != kind);
                open.shortcomings.push(problem);
            }
            return;
        }
        if self.layers.lost(id.session, id.layer) {
            self.present(id.session, id.layer, false);
        }
        self.tell(MediaEvent::IngestRefused {
            session: id.session,
            layer: id.layer,
            problem: refusal::problem(problem),
        });
    }

    /// Says what is missing beside a picture that is there, and not before: it belongs to this arrival of the layer.
    pub(super) fn tell_shortcomings(&mut self, connection: Source) {
        let Some(open) = self.streams.get_mut(&connection) else { return };
        let (session, layer) = (open.id.session, open.id.layer);
        if open.shortcomings.is_empty() || !self.layers.is_there(session, layer) {
            return;
        }
        for problem in std::mem::take(&mut open.shortcomings) {
            let problem = refusal::problem(problem);
            self.tell(MediaEvent::IngestImpaired { session, layer, problem });
        }
    }

    pub(super) fn refused(&self, id: &StreamId, status: u16, code: &str, title: String, detail: String) {
        let problem = Problem { status, code: code.to_owned(), title, detail };
        self.tell(MediaEvent::IngestRefused { session: id.session, layer: id.layer, problem });
    }

    /// Says how the way of a push did; to the director only beside a picture that is there, like every shortcoming.
    pub(super) fn tell_path(&self, session: SessionId, layer: Layer, report: &PathReport) {
        info!(
            %session, %layer, rtt = ?report.rtt, lost_per_mille = report.lost_per_mille,
            repeated_per_mille = report.repeated_per_mille, given_up = report.given_up,
            bits_per_second = report.bits_per_second, "the way of a push: {report}"
        );
        if self.layers.is_there(session, layer) {
            self.tell(match path::problem(report) {
                Some(problem) => MediaEvent::IngestImpaired { session, layer, problem },
                None => MediaEvent::IngestMended { session, layer, code: path::PACKETS_DROPPED },
            });
        }
    }

    pub(super) fn present(&mut self, session: SessionId, layer: Layer, arrives: bool) {
        if !arrives {
            self.meter.forget(session, layer);
        }
        let present = self.parts.board.set_present(session, layer, arrives);
        self.parts.fan_out.room(session, present, self.keyframes.on_request(session));
        self.tell(if arrives {
            MediaEvent::LayerArrived { session, layer }
        } else {
            MediaEvent::LayerLost { session, layer }
        });
    }

    pub(super) fn tell(&self, event: MediaEvent) {
        // Nobody listens: nobody needs to know.
        let _ = self.parts.events.send(event);
    }
}
