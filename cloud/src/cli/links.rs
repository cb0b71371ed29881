//! `session links`: what a person opens or scans, with this machine's address in it.
//!
//! It refuses to guess quietly: the address used and the others that there are stand on the screen. Invariant: a
//! printed link holds an address of this machine, or the one that was asked for.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use anyhow::Context as _;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use returnfeed_protocol::SessionId;

use super::Opened;

/// Prints the links of a session with a QR code of each.
pub(super) async fn print(opened: &Opened, id: SessionId, address: Option<IpAddr>, port: u16) -> anyhow::Result<()> {
    let session = opened.store.session(id).await?.with_context(|| format!("there is no session {id}"))?;
    let addresses = Addresses::of_this_machine(address);
    for (who, page, code) in
        [("camera operator", "camera", &session.camera_code), ("viewer", "viewer", &session.viewer_code)]
    {
        let host = SocketAddr::new(addresses.chosen, port);
        let link = format!("https://{host}/{page}/#{code}");
        println!("{who}:\n  {link}");
        if is_private(addresses.chosen) {
            println!("  http://{host}/{page}/#{code}   (same network: no certificate warning, but the screen may go dark)");
        }
        println!("{}\n", qr(&link)?);
    }
    if !addresses.others.is_empty() {
        let others: Vec<_> = addresses.others.iter().map(ToString::to_string).collect();
        println!("This machine is also {}; choose with --address.\n", others.join(", "));
    }
    Ok(())
}

/// Which address goes into the links, and what else there is.
struct Addresses {
    chosen: IpAddr,
    others: Vec<IpAddr>,
}

impl Addresses {
    fn of_this_machine(asked: Option<IpAddr>) -> Self {
        let mut others: Vec<_> = if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|i| i.ip()).collect();
        others.retain(|ip| !ip.is_loopback() && !is_link_local(*ip));
        let chosen = asked.or_else(of_default_route).or_else(|| others.first().copied());
        let chosen = chosen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        others.retain(|ip| *ip != chosen);
        Self { chosen, others }
    }
}

/// The address that this machine would call the world from: the kernel chooses it, nothing is sent.
fn of_default_route() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?; // TEST-NET-1, RFC 5737: nobody's
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
    }
}

/// Two modules a character, dark on light as phones expect it, on terminals of either colour.
fn qr(link: &str) -> anyhow::Result<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::L).context("the link is too long for a QR code")?;
    let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    Ok(picture.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_was_asked_for_is_used() {
        let asked = IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3));
        assert_eq!(Addresses::of_this_machine(Some(asked)).chosen, asked);
    }

    #[test]
    fn without_a_network_the_machine_itself_is_named() {
        let addresses = Addresses::of_this_machine(None);
        assert!(!addresses.chosen.is_unspecified());
        assert!(!addresses.others.contains(&addresses.chosen));
    }

    #[test]
    fn a_link_becomes_a_square_of_blocks() {
        let picture = qr("https://192.168.100.100:8443/camera/#ABCDEFGHJK").unwrap();
        let widths: Vec<_> = picture.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]));
        assert!(widths[0] < 60, "it fits a terminal of 80 columns");
    }
}
