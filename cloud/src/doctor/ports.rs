//! The ports: whether they are ours or free, and whether they are reached by the public address.
//!
//! What comes back here went out of this machine and was let in again at most by its own router: it proves that the server
//! listens there and that this machine's firewall lets it in, and nothing about a firewall that only strangers meet.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{Finding, asking};
use crate::config::Config;

const WAIT: Duration = Duration::from_secs(2);
const FROM_OUTSIDE: &str =
    "from outside it can only be tried from outside: open the link on a phone without Wi-Fi";

/// Who has a port of this machine.
enum Holder {
    Us,
    Nobody,
    Another,
    Forbidden,
}

/// One by one.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let port = config.https.port();
    let holder = tcp(config.https).await;
    let runs = matches!(holder, Holder::Us);
    let mut findings = vec![held("tcp", port, "https_port", &holder)];
    let shards = u16::try_from(config.webrtc_shards.get()).unwrap_or(u16::MAX);
    let webrtc = (0..shards).filter_map(|shard| config.webrtc.port().checked_add(shard));
    let udp_ports =
        std::iter::once((config.srt.port(), "srt_port")).chain(webrtc.map(|port| (port, "webrtc_port")));
    for (port, setting) in udp_ports {
        let holder = udp(SocketAddr::new(config.srt.ip(), port), runs);
        findings.push(held("udp", port, setting, &holder));
    }
    if runs {
        for address in reached_by(config).await {
            findings.push(https_by(address, port).await);
            findings.push(srt_by(SocketAddr::new(address, config.srt.port())).await);
            findings.push(ice_tcp_by(SocketAddr::new(address, config.webrtc.port())).await);
        }
    }
    findings
}

fn held(protocol: &'static str, port: u16, setting: &str, holder: &Holder) -> Finding {
    let at = format!("{port}/{protocol}");
    match holder {
        Holder::Us => Finding::ok("port", format!("{at}: the server listens")),
        Holder::Nobody => Finding::look(
            "port",
            format!("{at}: free, and the server does not run"),
            "start it, and look again",
        ),
        Holder::Another => {
            let cure = format!(
                "stop the other program (ss -lpn 'sport = :{port}'), or set {setting} to another port"
            );
            Finding::broken("port", format!("{at}: in use by another program"), cure)
        }
        Holder::Forbidden => {
            let cure = format!(
                "run the server by its unit, give it CAP_NET_BIND_SERVICE, or set {setting} above 1023"
            );
            Finding::broken("port", format!("{at}: this user may not open it"), cure)
        }
    }
}

/// Asked, where somebody listens, whether it is us.
async fn tcp(address: SocketAddr) -> Holder {
    match std::net::TcpListener::bind(address) {
        Ok(_) => Holder::Nobody,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Holder::Forbidden,
        Err(_) => {
            let host =
                if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
            if is_us(host, address.port()).await { Holder::Us } else { Holder::Another }
        }
    }
}

/// UDP is not asked: who has the TCP port has these too, or would not have started.
fn udp(address: SocketAddr, runs: bool) -> Holder {
    match std::net::UdpSocket::bind(address) {
        Ok(_) => Holder::Nobody,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Holder::Forbidden,
        Err(_) if runs => Holder::Us,
        Err(_) => Holder::Another,
    }
}

async fn is_us(host: IpAddr, port: u16) -> bool {
    let Ok(client) = asking::client(WAIT) else { return false };
    let Ok(answer) = client.get(format!("https://{}/healthz", SocketAddr::new(host, port))).send().await
    else {
        return false;
    };
    // Any web server may have the address; the request id is ours.
    answer.headers().contains_key("x-request-id") && answer.text().await.is_ok_and(|text| text == "ok")
}

/// The addresses that viewers and encoders use.
async fn reached_by(config: &Config) -> Vec<IpAddr> {
    if !config.public_addresses.is_empty() {
        return config.public_addresses.clone();
    }
    let Some(name) = config.public_names.first() else { return Vec::new() };
    let found = timeout(WAIT, tokio::net::lookup_host((name.as_str(), config.https.port()))).await;
    found.ok().and_then(Result::ok).map(|found| found.map(|at| at.ip()).take(2).collect()).unwrap_or_default()
}

async fn https_by(address: IpAddr, port: u16) -> Finding {
    let at = SocketAddr::new(address, port);
    if is_us(address, port).await {
        return Finding::ok("reached", format!("{at} (tcp) answers, asked from this machine"));
    }
    not_reached(at, "tcp")
}

async fn ice_tcp_by(at: SocketAddr) -> Finding {
    match timeout(WAIT, TcpStream::connect(at)).await {
        Ok(Ok(_)) => {
            let says = format!(
                "{at}: tcp answers, asked from this machine; udp answers viewers alone and was not tried"
            );
            Finding::look("reached", says, FROM_OUTSIDE)
        }
        Ok(Err(_)) | Err(_) => not_reached(at, "tcp"),
    }
}

/// An SRT induction handshake: any listener answers it, and keeps nothing of it.
async fn srt_by(at: SocketAddr) -> Finding {
    let any = if at.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let answered = async {
        let socket = UdpSocket::bind(any).await.ok()?;
        socket.connect(at).await.ok()?;
        let mut answer = [0; 1500];
        for _ in 0..3 {
            socket.send(&induction()).await.ok()?;
            if let Ok(Ok(length)) = timeout(WAIT / 4, socket.recv(&mut answer)).await {
                return answer.get(..length).filter(|answer| answer.starts_with(&[0x80, 0])).map(|_| ());
            }
        }
        None
    };
    match answered.await {
        Some(()) => Finding::ok("reached", format!("{at} (udp, SRT) answers, asked from this machine")),
        None => not_reached(at, "udp"),
    }
}

fn not_reached(at: SocketAddr, protocol: &str) -> Finding {
    let says = format!("{at} ({protocol}) does not answer this machine");
    let cure = format!(
        "open {}/{protocol} in the firewall; where a router is in front, it may only refuse its own side: {FROM_OUTSIDE}",
        at.port()
    );
    Finding::look("reached", says, cure)
}

/// The first packet of a caller (draft-sharabayko-srt 3.2.1, 4.3.1.1).
fn induction() -> [u8; 64] {
    let mut packet = [0; 64];
    let mut put = |at: usize, word: u32| {
        for (place, byte) in packet.iter_mut().skip(at).zip(word.to_be_bytes()) {
            *place = byte;
        }
    };
    put(0, 0x8000_0000); // control, handshake
    put(16, 4); // version
    put(20, 2); // no encryption said, extension field 2
    put(28, 1500); // MTU
    put(32, 8192); // flow window
    put(36, 1); // induction
    put(40, 0x5246_4452); // our socket's number
    packet
}
