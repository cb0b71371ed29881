//! vMix, ATEM and TSL over loopback: connections that come, break and come back.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};

use crate::listener::Listener;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A vMix that answers each request, with this tally.
fn serve_vmix(stream: &TcpStream, tally: &str) -> std::io::Result<()> {
    let xml =
        r#"<vmix><inputs><input number="1" title="Wide"/><input number="2" title="Tight"/></inputs></vmix>"#;
    let mut out = stream;
    out.write_all(b"VERSION OK 28.0.0.39\r\n")?;
    for line in BufReader::new(stream).lines() {
        let answer = match line?.as_str() {
            "SUBSCRIBE TALLY" => "SUBSCRIBE OK TALLY\r\n".to_owned(),
            "XML" => format!("XML {}\r\n{xml}", xml.len()),
            "TALLY" => format!("TALLY OK {tally}\r\n"),
            other => panic!("vMix was asked {other:?}"),
        };
        out.write_all(answer.as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_vmix_that_goes_is_told_and_heard_again_when_it_comes_back() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let mut listener = Listener::to(&format!("vmix:127.0.0.1:{port}"));
    let (first, _) = server.accept().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| serve_vmix(&first, "12"));
        listener.until_buses(&["Wide"], &["Tight"]);
        assert_eq!(listener.software.as_deref(), Some("vMix 28.0.0.39"));
        first.shutdown(Shutdown::Both).unwrap();
        listener.until("the loss", |listener| listener.lost.is_some());
    });
    let (second, _) = server.accept().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| serve_vmix(&second, "21"));
        listener.until_buses(&["Tight"], &["Wide"]);
        second.shutdown(Shutdown::Both).unwrap();
    });
}

#[test]
fn a_machine_that_is_not_there_is_a_sentence() {
    let mut listener = Listener::to(&format!("vmix:127.0.0.1:{}", free_port()));
    listener.until("the reason", |listener| listener.lost.is_some());
    let reason = listener.lost.clone().unwrap();
    assert!(reason.contains("cannot be reached"), "{reason}");
}

fn atem_datagram(flags: u16, id: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 12).unwrap();
    let words = [flags << 11 | length, 0x8001, 0, 0, 0, id];
    words.iter().flat_map(|word| word.to_be_bytes()).chain(body.iter().copied()).collect()
}

#[test]
fn an_atem_is_greeted_heard_and_acknowledged() {
    let sample = include_str!("../../../../tests/fixtures/switchers/atem/mini_8.1.1.hex");
    let commands: Vec<u8> = sample
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| {
            (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap())
        })
        .collect();
    let switcher = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut listener = Listener::to(&format!("atem:127.0.0.1:{}", switcher.local_addr().unwrap().port()));
    let mut datagram = [0; 64];
    let (_, from) = switcher.recv_from(&mut datagram).unwrap();
    switcher.send_to(&atem_datagram(2, 0, &[2, 0, 0, 0, 0, 0, 0, 0]), from).unwrap();
    switcher.send_to(&atem_datagram(1, 1, &commands), from).unwrap();
    listener.until_buses(&["Camera 1"], &["Camera 1"]);
    assert_eq!(listener.software.as_deref(), Some("ATEM Mini"));
    loop {
        let (length, _) = switcher.recv_from(&mut datagram).unwrap();
        let (flags, acknowledged) = (datagram[0] >> 3, &datagram[4..6]);
        if length == 12 && flags == 16 && acknowledged == [0, 1] {
            break;
        }
    }
}

fn tsl(address: u8, control: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![0x80 + address, control];
    bytes.extend(text.bytes().chain(std::iter::repeat(b' ')).take(16));
    bytes
}

#[test]
fn tsl_is_heard_over_udp_and_its_silence_is_a_loss_where_that_was_said() {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut listener = Listener::to(&format!("tsl:127.0.0.1:{port}?silence=1"));
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    // The port may not be open yet, so it is said until it is heard.
    std::thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let every = std::time::Duration::from_millis(50);
        scope.spawn(move || {
            while stopped.recv_timeout(every) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                // Refused until the port is open.
                let _refused = sender.send_to(&tsl(3, 0b10, "CAM 3"), ("127.0.0.1", port));
            }
        });
        listener.until_buses(&["CAM 3"], &[]);
        drop(stop);
    });
    listener.until("the silence", |listener| listener.lost.is_some());
}

#[test]
fn the_newest_tsl_caller_over_tcp_wins_and_a_closed_one_is_a_loss() {
    let port = free_port();
    let mut listener = Listener::to(&format!("tsl:127.0.0.1:{port}?transport=tcp"));
    let call = || {
        std::iter::repeat_with(|| TcpStream::connect(("127.0.0.1", port)))
            .find_map(|called| match called {
                Ok(stream) => Some(stream),
                Err(_) => {
                    std::thread::yield_now();
                    None
                }
            })
            .unwrap()
    };
    let mut left_behind = call();
    left_behind.write_all(&tsl(1, 0b10, "CAM 1")).unwrap();
    listener.until_buses(&["CAM 1"], &[]);
    let mut newest = call();
    newest.write_all(&tsl(2, 0b10, "CAM 2")).unwrap();
    listener.until_buses(&["CAM 2"], &[]);
    drop(newest);
    listener.until("the loss", |listener| listener.lost.is_some());
}
