//! The way to the server, measured before there is a programme: so much for so long, to where it is thrown away.
//!
//! Refuses to say more than the server acknowledged. Invariant: it is over within what the server allows.

use std::time::{Duration, Instant};

use bytes::Bytes;
use returnfeed_srt::{CallerEvent, CallerStats, MAX_MESSAGE, PathReport, SendRefusal};

use super::link::sleep_until;
use super::target::{Call, PushFailure, PushTarget};

/// What both layers with sound and headers take, with some to spare for what is sent again.
pub const BITS_PER_SECOND: u64 = 1_500_000;
/// How long it is sent.
pub const LASTS: Duration = Duration::from_secs(10);
/// What was sent last is acknowledged by then, or was lost.
const SETTLES: Duration = Duration::from_millis(500);
/// A message is due each 7 ms.
const TICK: Duration = Duration::from_millis(7);

/// Measures the way for `lasts`. Its rate is of what the server acknowledged.
///
/// # Errors
/// Why it cannot be measured, as for a push.
pub async fn measure(target: &PushTarget, lasts: Duration) -> Result<PathReport, PushFailure> {
    let Call { mut caller, socket, peer } = target.call().await?;
    let mut datagram = vec![0; 2048];
    let mut tick = tokio::time::interval(TICK);
    let (mut begun, mut offered) = (None, 0);
    loop {
        while let Some(event) = caller.poll_event() {
            match event {
                CallerEvent::Connected { .. } => begun = Some(Instant::now()),
                CallerEvent::Message(_) | CallerEvent::Lost(_) => {}
                CallerEvent::Closed(end) => return Err(end.into()),
            }
        }
        let elapsed = begun.map(|begun: Instant| begun.elapsed());
        if elapsed.is_some_and(|elapsed| elapsed >= lasts + SETTLES) {
            let report = report(&caller.stats(), lasts);
            caller.close(Instant::now());
            while let Some(transmit) = caller.poll_transmit() {
                // The server finds out by itself.
                let _lost = socket.send(&transmit.data).await;
            }
            return Ok(report);
        }
        if let Some(elapsed) = elapsed {
            let due = due(elapsed.min(lasts));
            while offered < due {
                offered += 1;
                match caller.send(Bytes::from_static(&[0; MAX_MESSAGE]), Instant::now()) {
                    // A way that takes nothing more carries less than was offered, and that is the answer.
                    Ok(()) | Err(SendRefusal::Full) => {}
                    Err(refusal) => tracing::debug!(%refusal, "not sent"),
                }
            }
        }
        while let Some(transmit) = caller.poll_transmit() {
            if let Err(error) = socket.send(&transmit.data).await {
                tracing::trace!(%error, "datagram not sent");
            }
        }
        let next = caller.poll_timeout().map(|(at, _)| at);
        tokio::select! {
            biased;
            received = socket.recv(&mut datagram) => if let Ok(length) = received {
                caller.handle_datagram(peer, &datagram[..length], Instant::now());
            },
            () = sleep_until(next) => caller.handle_timeout(Instant::now()),
            _ = tick.tick() => {}
        }
    }
}

/// How many messages are sent by then.
fn due(elapsed: Duration) -> u64 {
    let bits = u128::from(BITS_PER_SECOND) * elapsed.as_micros() / 1_000_000;
    u64::try_from(bits / (MAX_MESSAGE as u128 * 8)).unwrap_or(u64::MAX)
}

fn report(stats: &CallerStats, lasts: Duration) -> PathReport {
    let bits = u128::from(stats.acknowledged_packets) * MAX_MESSAGE as u128 * 8;
    let per_second = bits * 1_000 / lasts.as_millis().max(1);
    PathReport {
        bits_per_second: u64::try_from(per_second).unwrap_or(u64::MAX),
        ..stats.since(&CallerStats::default())
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::StreamProbe;

    use super::*;

    #[test]
    fn ten_seconds_are_fifteen_million_bits_and_within_what_a_server_takes() {
        let bytes = due(LASTS) * MAX_MESSAGE as u64;
        assert_eq!(bytes * 8 / 1_000, 14_991, "whole messages");
        assert!(bytes < StreamProbe::MOST_BYTES && LASTS + SETTLES < StreamProbe::LONGEST);
    }

    #[test]
    fn the_rate_is_of_what_the_server_has() {
        let stats = CallerStats { sent_packets: 1_400, acknowledged_packets: 700, ..CallerStats::default() };
        assert_eq!(report(&stats, LASTS).bits_per_second / 1_000, 736);
    }
}
