//! What a browser reports of what it was sent: compound RTCP of any bytes, about packets that were really sent.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use returnfeed_protocol::Bitrate;
use returnfeed_rtp::rtcp::{Message, read};
use returnfeed_rtp::{Arrival, History, Repair};
use returnfeed_simulcast::Capacity;

use crate::Script;

/// Sent between two reports, at most.
const MOST: usize = 300;

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    // Any moment will do, and the same one is as good for all.
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let mut now = *BEGIN.get_or_init(Instant::now);
    let mut history = History::default();
    let mut repair = Repair::new(256, Duration::from_secs(1), 4, now);
    let mut capacity = Capacity::new(Bitrate(1_500_000));
    let (mut sent, mut arrived, mut seq) = (0_usize, 0_usize, u64::from(script.u16() >> 1));
    while !script.is_over() {
        for _ in 0..usize::from(script.u16()) % MOST {
            history.send(1_000, now);
            repair.keep(seq, 0, false, Arc::from([0; 100]), now);
            (sent, seq) = (sent + 1, seq + 1);
            now += Duration::from_millis(1);
        }
        if script.u8() & 1 == 1 {
            capacity.begin_probe(now);
        }
        let length = usize::from(script.u16() % 1_500);
        let compound = script.take(length);
        let mut repeated = 0;
        read(compound, |message| match message {
            Message::Missing { lost, .. } => {
                for wanted in lost.iter() {
                    if let Some(kept) = repair.repeat(wanted, Duration::from_millis(40), now) {
                        assert_eq!(kept.seq as u16, wanted, "another packet was repeated");
                        assert!(kept.seq < seq, "what was not sent was repeated");
                        repeated += 1;
                    }
                }
            }
            Message::Transport(feedback) => {
                assert!(feedback.packets().count() <= usize::from(feedback.count));
                let heard = history.handle(&feedback, now, |arrival| {
                    let Arrival { sent, arrived: at, bytes } = arrival;
                    assert!(sent <= now && bytes == 1_000, "what was not sent arrived");
                    capacity.handle_arrival(sent, at, bytes);
                    arrived += 1;
                });
                assert!(heard.round_trip.is_none_or(|rtt| rtt <= Duration::from_secs(3_600)));
                capacity.handle_feedback(now);
            }
            Message::Report(_) | Message::KeyframeWanted | Message::Estimate(_) => {}
        });
        assert!(repeated <= 256, "a packet was repeated twice within a round trip");
        assert!(arrived <= sent, "more arrived than was sent");
        assert!(history.loss(now).is_none_or(|loss| (0.0..=1.0).contains(&loss)));
        let mut padding = 0;
        for _ in 0..200 {
            padding += capacity.poll_padding(now).unwrap_or(0);
            now += Duration::from_millis(5);
        }
        // Three steps, two tries more: a second of the highest rate is never reached.
        assert!(padding < 2_100_000 / 8, "{padding} bytes of padding in a second");
    }
}
