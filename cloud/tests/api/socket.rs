//! The other end of a WebSocket: says and hears protocol messages, each wait with a deadline.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use returnfeed_protocol::{
    Acknowledgement, CameraNumber, CloudToDirector, CloudToPage, DirectorToCloud, Epoch, OperatorPresence,
    PROTOCOL_VERSION, PageNumber, PageToCloud, Problem, SocketTicket, Tally, TallyReason, TallySequence,
    TallyState,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What a director was told of who is there.
#[derive(Default)]
pub(crate) struct Crew {
    pub(crate) operators: BTreeMap<PageNumber, OperatorPresence>,
    pub(crate) viewers: u32,
}

/// A WebSocket that is open, and the ticket that its hello will carry.
pub(crate) struct Socket {
    ticket: SocketTicket,
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub(crate) async fn open(host: &str, port: u16, ca: &[u8], path: &str, ticket: SocketTicket) -> Self {
        Self::try_open(host, port, ca, path, ticket).await.expect("the socket opens")
    }

    /// The same, where nothing may answer.
    pub(crate) async fn try_open(
        host: &str,
        port: u16,
        ca: &[u8],
        path: &str,
        ticket: SocketTicket,
    ) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca).unwrap()).unwrap();
        let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connector = Connector::Rustls(Arc::new(tls));
        let address = format!("wss://{host}:{port}{path}");
        let (inner, _) = connect_async_tls_with_config(address, None, true, Some(connector)).await.ok()?;
        Some(Self { ticket, inner })
    }

    /// The same, where the connection may have ended.
    pub(crate) async fn try_say(&mut self, message: &impl Serialize) -> Option<()> {
        self.inner.send(Message::text(serde_json::to_string(message).unwrap())).await.ok()
    }

    /// The next message; nothing where the connection has ended.
    pub(crate) async fn try_hear<T: DeserializeOwned>(&mut self) -> Option<T> {
        let text = self.text().await?;
        Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// The ticket that it was opened for.
    pub(crate) fn ticket(&self) -> Option<SocketTicket> {
        Some(self.ticket.clone())
    }

    pub(crate) async fn say(&mut self, message: &impl Serialize) {
        self.say_text(&serde_json::to_string(message).unwrap()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.inner.send(Message::text(text)).await.unwrap();
    }

    /// The next message.
    pub(crate) async fn hear<T: DeserializeOwned>(&mut self) -> T {
        let text = timeout(DEADLINE, self.text()).await.expect("a message comes in time");
        let text = text.expect("the socket is still open");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The next message that answers the question; others are passed over.
    pub(crate) async fn find<T: DeserializeOwned + Debug, R>(
        &mut self,
        question: impl Fn(T) -> Option<R>,
    ) -> R {
        let find = async {
            loop {
                if let Some(found) = question(self.hear().await) {
                    return found;
                }
            }
        };
        timeout(DEADLINE, find).await.expect("the message comes in time")
    }

    /// Reads to the end of the connection.
    pub(crate) async fn ended(mut self) {
        timeout(DEADLINE, async { while self.text().await.is_some() {} })
            .await
            .expect("the socket ends in time");
    }

    async fn text(&mut self) -> Option<String> {
        loop {
            match self.inner.next().await? {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    // A page's words.

    pub(crate) async fn greet_as_page(&mut self, camera: Option<u16>) -> CloudToPage {
        let camera = camera.map(camera_number);
        self.say(&PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: self.ticket(), camera }).await;
        self.hear().await
    }

    /// The next tally: its age in ms, and all of it.
    pub(crate) async fn tally(&mut self) -> (u64, TallyState) {
        self.find(|message| match message {
            CloudToPage::Tally { age_ms, state, .. } => Some((age_ms, state)),
            _ => None,
        })
        .await
    }

    /// Why a page is dismissed; the connection ends after it.
    pub(crate) async fn page_bye(mut self) -> Problem {
        let problem = self
            .find(|message| match message {
                CloudToPage::Bye { problem } => Some(problem),
                _ => None,
            })
            .await;
        self.ended().await;
        problem
    }

    // A director's words.

    /// Who is there, in the order of their pages, and how many watch: hears until that is so.
    pub(crate) async fn people(&mut self, crew: &mut Crew, is_so: impl Fn(&[OperatorPresence], u32) -> bool) {
        let told = async {
            loop {
                let operators: Vec<_> = crew.operators.values().cloned().collect();
                if is_so(&operators, crew.viewers) {
                    return;
                }
                match self.hear().await {
                    CloudToDirector::Operator { page, presence: Some(presence) } => {
                        crew.operators.insert(page, presence);
                    }
                    CloudToDirector::Operator { page, presence: None } => {
                        crew.operators.remove(&page);
                    }
                    CloudToDirector::Viewers { viewers } => crew.viewers = viewers,
                    _ => {}
                }
            }
        };
        timeout(DEADLINE, told).await.expect("it is told in time");
    }

    pub(crate) async fn greet_as_director(&mut self, epoch: Epoch) -> CloudToDirector {
        let software = "test 1".to_owned();
        let ticket = self.ticket();
        self.say(&DirectorToCloud::Hello { protocol: PROTOCOL_VERSION, ticket, software, epoch }).await;
        self.hear().await
    }

    pub(crate) async fn say_tally(&mut self, epoch: Epoch, seq: u64, lamps: &[(u16, Tally)]) {
        self.say(&DirectorToCloud::Tally { state: word(epoch, seq, lamps), run_us: None }).await;
    }

    /// The next page that says what it shows; each is awaited before another speaks.
    pub(crate) async fn shown(&mut self) -> Acknowledgement {
        self.find(|message| match message {
            CloudToDirector::Shown { shown } => shown.first().copied(),
            _ => None,
        })
        .await
    }

    /// Why a director is dismissed; the connection ends after it.
    pub(crate) async fn director_bye(mut self) -> Problem {
        let problem = self
            .find(|message| match message {
                CloudToDirector::Bye { problem } => Some(problem),
                _ => None,
            })
            .await;
        self.ended().await;
        problem
    }
}

pub(crate) fn camera_number(number: u16) -> CameraNumber {
    number.try_into().unwrap()
}

/// A director's word.
pub(crate) fn word(epoch: Epoch, seq: u64, lamps: &[(u16, Tally)]) -> TallyState {
    let lamp = |&(number, tally): &(u16, Tally)| returnfeed_protocol::CameraLamp {
        camera: camera_number(number),
        name: format!("Camera {number}"),
        tally,
        reason: TallyReason::NotInUse,
    };
    TallyState { epoch, seq: TallySequence(seq), cameras: lamps.iter().map(lamp).collect() }
}
