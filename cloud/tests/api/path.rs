//! What the director reads of the way between a push and the cloud.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use returnfeed_protocol::{CloudToDirector, IngestState, Layer};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::cloud::Cloud;
use crate::picture::Encoder;

/// A way for one caller that, while it is bad, swallows every 50th packet, each time that it is sent.
struct Way {
    port: u16,
    bad: Arc<AtomicBool>,
    carries: JoinHandle<()>,
}

impl Way {
    async fn to(server: u16) -> Self {
        let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let far = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        far.connect((Ipv4Addr::LOCALHOST, server)).await.unwrap();
        let port = near.local_addr().unwrap().port();
        let bad = Arc::new(AtomicBool::new(false));
        let carries = tokio::spawn(carry(near, far, Arc::clone(&bad)));
        Self { port, bad, carries }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.carries.abort();
    }
}

async fn carry(near: UdpSocket, far: UdpSocket, bad: Arc<AtomicBool>) {
    let (mut out, mut back) = ([0; 2048], [0; 2048]);
    let mut caller: Option<SocketAddr> = None;
    loop {
        tokio::select! {
            received = near.recv_from(&mut out) => {
                let (length, from) = received.unwrap();
                caller = Some(from);
                // The first word of a data packet is its sequence number, of a control packet it has the top bit.
                let word = out.first_chunk().map_or(0, |word| u32::from_be_bytes(*word));
                if !(bad.load(Ordering::Relaxed) && word >> 31 == 0 && word % 50 == 0) {
                    let _ = far.send(&out[..length]).await; // gone, when the server is
                }
            }
            Ok(length) = far.recv(&mut back) => if let Some(caller) = caller {
                let _ = near.send_to(&back[..length], caller).await; // gone, when the encoder is
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_damages_the_picture_is_told_to_the_director_until_it_is_good_again() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let mut grant = session.grant(&director).await;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(grant.epoch).await;
    let way = Way::to(grant.srt.port).await;
    grant.srt.port = way.port;
    let _encoder = Encoder::start(&grant);
    let problems = |message| match message {
        CloudToDirector::Ingest { layer: Layer::High, ingest: IngestState::Receiving { problems } } => {
            Some(problems)
        }
        _ => None,
    };
    assert!(uplink.find(problems).await.is_empty(), "the way is good at first");

    way.bad.store(true, Ordering::Relaxed);
    let told = loop {
        if let Some(problem) = uplink.find(problems).await.pop() {
            break problem;
        }
    };
    assert_eq!(told.code, "packets_dropped");
    assert!(told.detail.contains("for good; the picture is damaged: lower the bitrate"), "{told:?}");

    way.bad.store(false, Ordering::Relaxed);
    // What was missed before still counts at the next look.
    while !uplink.find(problems).await.is_empty() {}
}
