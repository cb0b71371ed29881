//! The other end of a WebSocket: says and hears protocol messages, each wait with a deadline.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::StatusCode;
use returnfeed_protocol::{
    CameraNumber, CloudToDirector, CloudToPage, DirectorToCloud, Epoch, PROTOCOL_VERSION, PageToCloud,
    Problem, Tally, TallyReason, TallySequence, TallyState,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A WebSocket that is open.
pub(crate) struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub(crate) async fn open(port: u16, ca: &[u8], path: &str) -> Result<Self, StatusCode> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca).unwrap()).unwrap();
        let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let address = format!("wss://localhost:{port}{path}");
        let connector = Connector::Rustls(Arc::new(tls));
        match connect_async_tls_with_config(address, None, true, Some(connector)).await {
            Ok((inner, _)) => Ok(Self { inner }),
            Err(Error::Http(response)) => Err(StatusCode::from_u16(response.status().as_u16()).unwrap()),
            Err(error) => panic!("{error}"),
        }
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
        self.say(&PageToCloud::Hello { protocol: PROTOCOL_VERSION, camera }).await;
        self.hear().await
    }

    /// The next tally: its age in ms, and all of it.
    pub(crate) async fn tally(&mut self) -> (u64, TallyState) {
        self.find(|message| match message {
            CloudToPage::Tally { age_ms, state } => Some((age_ms, state)),
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

    pub(crate) async fn greet_as_director(&mut self, epoch: Epoch) -> CloudToDirector {
        let software = "test 1".to_owned();
        self.say(&DirectorToCloud::Hello { protocol: PROTOCOL_VERSION, software, epoch }).await;
        self.hear().await
    }

    pub(crate) async fn say_tally(&mut self, epoch: Epoch, seq: u64, lamps: &[(u16, Tally)]) {
        self.say(&DirectorToCloud::Tally { state: word(epoch, seq, lamps) }).await;
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
