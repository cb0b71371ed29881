//! The port of a vMix, for lamps that know vMix alone. What is answered stands in `core/switchers`.
//!
//! Invariant: a lamp that reads too slowly is told the newest state and never the ones between, and then left.

use std::time::Duration;

use returnfeed_switchers::vmix::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::bounded::{Bounded, Placed};
use super::{OutputState, Telling, Word, lamps, not_opened};

/// A lamp that does not read for so long is gone.
const SLOW: Duration = Duration::from_secs(10);
/// A command is of some twenty characters.
const CHUNK: usize = 512;

/// Serves until cancelled, or says why it cannot.
pub(super) async fn serve<F: Fn(OutputState)>(telling: Telling<'_, F>) -> Result<(), String> {
    let Telling { spec, word, on, cancel } = telling;
    let listener = Bounded::bind(&spec.host, spec.port).await.map_err(|error| not_opened(spec, &error))?;
    let mut readers = JoinSet::new();
    loop {
        on(OutputState::Open { readers: Some(readers.len()) });
        tokio::select! {
            () = cancel.cancelled() => break,
            (stream, from) = listener.next() => {
                tracing::info!(output = %spec, %from, "a lamp has called");
                readers.spawn(converse(stream, word.clone(), cancel.clone()));
            }
            Some(_) = readers.join_next() => {}
        }
    }
    while readers.join_next().await.is_some() {}
    Ok(())
}

/// One lamp, until it goes or the director ends.
async fn converse(mut stream: Placed, mut word: Word, cancel: CancellationToken) {
    let mut server = Server::new(&lamps(&mut word));
    let mut chunk = [0; CHUNK];
    loop {
        let said: Vec<u8> = std::iter::from_fn(|| server.poll_output()).flatten().collect();
        if !said.is_empty()
            && !matches!(tokio::time::timeout(SLOW, stream.write_all(&said)).await, Ok(Ok(())))
        {
            return;
        }
        if server.is_over() {
            return;
        }
        tokio::select! {
            // The last word is told before the end.
            biased;
            Ok(()) = word.changed() => server.tell(&lamps(&mut word)),
            () = cancel.cancelled() => return,
            length = stream.read(&mut chunk) => match length {
                Ok(length) if length > 0 => {
                    let heard = chunk.get(..length).unwrap_or_default();
                    if let Err(fault) = server.handle_input(heard) {
                        tracing::info!(%fault, "a caller is left");
                        return;
                    }
                }
                Ok(_) | Err(_) => return,
            }
        }
    }
}
