//! `session links`: what an operator's and a viewer's phone opens, as addresses and as QR codes for a terminal.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::net::{IpAddr, UdpSocket};

use anyhow::{Context as _, bail};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use returnfeed_protocol::{InviteState, Role, SessionId};

use super::Opened;
use crate::api::invites::path;
use crate::store::InviteRow;
use crate::{random, tls};

/// Black on white whatever the terminal's colours are: not every camera reads the inverse.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// Prints the link of each invitation that is open.
pub(super) async fn print(
    opened: &Opened,
    id: SessionId,
    address: Option<String>,
    port: Option<u16>,
) -> anyhow::Result<()> {
    let Some(session) = opened.store.session(id).await? else { bail!("there is no session {id}") };
    if session.has_ended() {
        bail!("the session {id} has ended; make a new one");
    }
    let port = port.unwrap_or(opened.config.https.port());
    let host = host(address);
    let now = opened.clock.unix_ms();
    for invite in opened.store.invites(id).await? {
        if invite.terms.state(now) == InviteState::Open {
            println!("{}", card(&invite, &host, port)?);
        }
    }
    let others = tls::local_addresses().into_iter().filter(|ip| !ip.is_loopback()).map(|ip| ip.to_string());
    let others: Vec<_> = others.filter(|ip| *ip != host).collect();
    if !others.is_empty() {
        println!("This machine's other addresses: {} (choose one with --address)", others.join(", "));
    }
    println!(
        "A phone warns of the certificate once. {} needs no certificate, but cannot keep the screen awake.",
        link("http", &host, port, &path(Role::Camera, &session.camera_code))
    );
    Ok(())
}

/// An invitation as it is handed out: for whom, the link, the code, and both as a QR code.
pub(super) fn card(invite: &InviteRow, host: &str, port: u16) -> anyhow::Result<String> {
    let who = match (invite.role, invite.camera) {
        (Role::Viewer, _) => "Viewers".to_owned(),
        (Role::Camera | Role::Director, None) => "Camera operators".to_owned(),
        (Role::Camera | Role::Director, Some(camera)) => format!("Camera {camera}"),
    };
    let label = if invite.label.is_empty() { String::new() } else { format!(" ({})", invite.label) };
    let link = link("https", host, port, &path(invite.role, &invite.code));
    Ok(format!("{who}{label}: {link}  (code {})\n{}", random::code_for_people(&invite.code), qr(&link)?))
}

fn link(scheme: &str, host: &str, port: u16, path: &str) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    format!("{scheme}://{host}:{port}{path}")
}

/// The name or address by which phones reach this server.
pub(super) fn host(said: Option<String>) -> String {
    said.unwrap_or_else(|| chosen_address().map_or("localhost".to_owned(), |ip| ip.to_string()))
}

/// The address that this machine speaks from to the rest of the world, else any that is not loopback.
fn chosen_address() -> Option<IpAddr> {
    let of_default_route = || {
        let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
        // Sends nothing: a connected UDP socket only asks for the route (192.0.2.1 is nobody's, RFC 5737).
        socket.connect("192.0.2.1:9").ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let usable = |ip: &IpAddr| !ip.is_loopback() && !ip.is_unspecified();
    let local: BTreeSet<IpAddr> = tls::local_addresses().into_iter().filter(usable).collect();
    of_default_route().filter(usable).or_else(|| local.first().copied())
}

fn qr(link: &str) -> anyhow::Result<String> {
    let code = QrCode::new(link).context("the link is too long for a QR code")?;
    let drawn = code.render::<Dense1x2>().quiet_zone(true).build();
    if !std::io::stdout().is_terminal() {
        return Ok(drawn);
    }
    Ok(drawn.lines().map(|line| format!("{BLACK_ON_WHITE}{line}{PLAIN}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_carries_the_code_where_no_server_logs_it() {
        assert_eq!(
            link("https", "192.0.2.7", 8443, &path(Role::Camera, "ABC")),
            "https://192.0.2.7:8443/camera/#ABC"
        );
        assert_eq!(
            link("https", "fd00::2", 8443, &path(Role::Viewer, "ABC")),
            "https://[fd00::2]:8443/viewer/#ABC"
        );
    }

    #[test]
    fn a_qr_code_is_a_square_of_half_blocks_with_a_quiet_zone() {
        let drawn = qr("https://192.0.2.7:8443/camera/#ABCDEFGHJK").unwrap();
        let lines: Vec<_> = drawn.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width) && width == 2 * lines.len() - 1);
        assert!(lines[0].chars().all(|c| c == ' '), "the quiet zone");
    }
}
