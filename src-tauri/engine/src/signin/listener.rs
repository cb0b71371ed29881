//! The port of 127.0.0.1 that the browser is led back to. Bounded: eight connections, 8 KiB and ten seconds each.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::browser_answer::{Heard, heard};

/// A browser opens some that it never uses.
const AT_ONCE: usize = 8;
const HEAD: usize = 8 * 1024;
const SAID_WITHIN: Duration = Duration::from_secs(10);

const DONE: &str = "<!doctype html><meta charset=utf-8><title>ReturnFeed</title>\
    <p>ReturnFeed: you are signed in. Close this page. \u{b7} \u{b85c}\u{adf8}\u{c778}\u{b418}\u{c5c8}\u{c2b5}\u{b2c8}\u{b2e4}. \u{c774} \u{cc3d}\u{c744} \u{b2eb}\u{c73c}\u{c138}\u{c694}.";

/// The open port.
pub(super) struct Listener {
    tcp: TcpListener,
    port: u16,
}

impl Listener {
    /// Any port that is free.
    pub(super) async fn open() -> io::Result<Self> {
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = tcp.local_addr()?.port();
        Ok(Self { tcp, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The code that comes with this state; then the port is closed.
    pub(super) async fn code(self, state: &str) -> io::Result<String> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.tcp.accept(), if connections.len() < AT_ONCE => {
                    let (stream, _) = accepted?;
                    let state = state.to_owned();
                    connections.spawn(timeout(SAID_WITHIN, answer(stream, state)));
                }
                Some(ended) = connections.join_next() => {
                    if let Ok(Ok(Ok(Heard::Code(code)))) = ended {
                        return Ok(code);
                    }
                }
            }
        }
    }
}

async fn answer(mut stream: TcpStream, state: String) -> io::Result<Heard> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let left = HEAD.saturating_sub(head.len());
        let mut part = [0; 1024];
        let read = (&mut stream).take(u64::try_from(left).unwrap_or(0)).read(&mut part).await?;
        if read == 0 {
            return Ok(Heard::SomethingElse);
        }
        head.extend(part.iter().take(read));
    }
    let heard = heard(&String::from_utf8_lossy(&head), &state);
    let (status, body) = match &heard {
        Heard::Code(_) => ("200 OK", DONE),
        Heard::SomethingElse => ("404 Not Found", ""),
    };
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn say(port: u16, text: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn strangers_and_silent_connections_keep_nobody_from_the_answer() {
        let listener = Listener::open().await.unwrap();
        let port = listener.port();
        let waiting = tokio::spawn(async move { listener.code("xyz").await });
        let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert!(say(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(say(port, "GET /?code=a&state=no HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(say(port, "GET /?code=abc&state=xyz HTTP/1.1\r\n\r\n").await.contains("signed in"));
        assert_eq!(waiting.await.unwrap().unwrap(), "abc");
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "the port is closed");
    }
}
