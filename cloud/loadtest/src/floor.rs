//! The floor: what the cipher and the system calls alone cost for the same packets, in the same batches. Nobody who
//! sends SRTP from user space by UDP sockets gets below it but by sending fewer, larger datagrams (GSO).

use std::io::IoSlice;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};
use returnfeed_media::Track;
use returnfeed_media::rtp::{packetize_h264, packetize_opus};

use crate::process::thread_cpu;
use crate::server::LOOPBACK;
use crate::stream::Stream;

/// As our server cuts them.
const MAX_PAYLOAD: usize = 1_160;
/// RTP header with its extensions, about as ours.
const HEADER: [u8; 24] = [0x80; 24];
/// As many as one call of ours carries.
const MOST: usize = 256;

/// CPU seconds per viewer-second.
pub(crate) fn measure(stream: &Stream, viewers: usize, lasting: Duration) -> anyhow::Result<f64> {
    let socket = UdpSocket::bind((LOOPBACK, 0))?;
    let mut sinks = Vec::new();
    for _ in 0..viewers {
        let sink = UdpSocket::bind((LOOPBACK, 0))?;
        sink.set_nonblocking(true)?;
        sinks.push(sink);
    }
    let addresses: Vec<SocketAddr> = sinks.iter().map(UdpSocket::local_addr).collect::<Result<_, _>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    // Read by another thread, whose time does not count: a queue that is full would be cheaper than one that is not.
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while !stopped.load(Ordering::Relaxed) {
            for sink in &sinks {
                while sink.recv(&mut buffer).is_ok() {}
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    });
    let spent = send(stream, &socket, &addresses, lasting);
    stop.store(true, Ordering::Relaxed);
    let _ = reader.join();
    Ok(spent?.as_secs_f64() / lasting.as_secs_f64() / viewers as f64)
}

fn send(
    stream: &Stream,
    socket: &UdpSocket,
    addresses: &[SocketAddr],
    lasting: Duration,
) -> anyhow::Result<Duration> {
    let mut random = [0; 32];
    let mut keys = Vec::new();
    for _ in addresses {
        aws_lc_rs::rand::fill(&mut random).context("the system has no randomness")?;
        keys.push(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &random).context("no key")?));
    }
    let to: Vec<_> = addresses.iter().map(|address| Some(SockaddrStorage::from(*address))).collect();
    let payloads = stream.units.iter().map(|(at, unit)| {
        let payloads = match unit.track {
            Track::Video => packetize_h264(&unit.data, MAX_PAYLOAD),
            Track::Audio => vec![packetize_opus(&unit.data)],
        };
        (*at, payloads)
    });
    let payloads: Vec<_> = payloads.collect();
    let (begun, since) = (Instant::now(), thread_cpu()?);
    let mut counter = 0_u64;
    for (at, payloads) in &payloads {
        if *at >= lasting {
            break;
        }
        std::thread::sleep((begun + *at).saturating_duration_since(Instant::now()));
        let (mut sealed, mut whose) = (Vec::new(), Vec::new());
        for (key, to) in keys.iter().zip(&to) {
            for payload in payloads {
                counter += 1;
                let mut packet = Vec::with_capacity(HEADER.len() + payload.data.len() + 16);
                packet.extend(HEADER);
                packet.extend_from_slice(&payload.data);
                let mut nonce = [0; 12];
                nonce[4..].copy_from_slice(&counter.to_be_bytes());
                let (header, body) = packet.split_at_mut(HEADER.len());
                let tag = key.seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(&*header),
                    body,
                );
                packet.extend_from_slice(tag.context("not sealed")?.as_ref());
                sealed.push(packet);
                whose.push(*to);
            }
        }
        for (sealed, whose) in sealed.chunks(MOST).zip(whose.chunks(MOST)) {
            send_all(socket, sealed, whose)?;
        }
    }
    Ok(thread_cpu()? - since)
}

fn send_all(socket: &UdpSocket, sealed: &[Vec<u8>], whose: &[Option<SockaddrStorage>]) -> anyhow::Result<()> {
    let slices: Vec<_> = sealed.iter().map(|packet| [IoSlice::new(packet)]).collect();
    let mut done = 0;
    while let Some((slices, whose)) =
        slices.get(done..).zip(whose.get(done..)).filter(|(rest, _)| !rest.is_empty())
    {
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(slices.len(), None);
        let none: [ControlMessage<'_>; 0] = [];
        let sent = sendmmsg(socket.as_raw_fd(), &mut headers, slices, whose, none, MsgFlags::empty());
        match sent {
            Ok(sent) => done += sent.count().max(1),
            Err(Errno::EINTR | Errno::ENOBUFS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
