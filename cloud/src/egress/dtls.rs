//! DTLS as the library makes it, but for two things: what is lost of a handshake is sent again soon, and the keys that
//! it makes are ours.
//!
//! The library waits a second before it repeats a flight, the default for those who know nothing of their path
//! (RFC 9147 5.8.2). Here that is a second without a picture for whoever comes back through a lossy network, so it
//! waits about one long round trip. And media is sealed by [`super::flow`]: the library is given other keys, which nobody
//! knows, so that nothing it might ever say can be under an index that we use. It refuses to differ in anything else.
//! Invariants: repetitions double their wait; the keys of a handshake leave this room once, for its own connection.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use str0m::config::DtlsCert;
use str0m::crypto::dtls::{
    DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial, ProtocolVersion,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};

use super::srtp::Secrets;

/// Before a flight is repeated for the first time. On a path that is longer than this it is repeated once in vain, a
/// packet or two.
const REPEATED_AFTER: Duration = Duration::from_millis(200);

/// The library's cryptography with this timer.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Soon, ..from_feature_flags() }
}

/// What the handshake of one connection agreed upon, once it is done.
#[derive(Debug, Clone, Default)]
pub(super) struct Agreed(Arc<OnceLock<Secrets>>);

impl Agreed {
    pub(super) fn secrets(&self) -> Option<&Secrets> {
        self.0.get()
    }
}

thread_local! {
    /// The library takes its provider for all connections and hands out none of what it makes: a connection's secrets
    /// are taken here by whoever has just made it, on the same thread.
    static MADE: RefCell<Option<Agreed>> = const { RefCell::new(None) };
}

/// The secrets-to-be of the connection that `make` makes.
pub(super) fn agreed_by<T>(make: impl FnOnce() -> T) -> (T, Agreed) {
    let made = make();
    (made, MADE.take().unwrap_or_default())
}

#[derive(Debug)]
struct Soon;

impl DtlsProvider for Soon {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        // ICE has proven the address before a handshake begins: no cookie is needed.
        let config = dimpl::Config::builder().use_server_cookie(false).flight_start_rto(REPEATED_AFTER);
        let config = match mtu {
            Some(mtu) => config.mtu(mtu),
            None => config,
        };
        let config = Arc::new(config.build().map_err(|error| CryptoError::Other(error.to_string()))?);
        let cert = dimpl::DtlsCertificate {
            certificate: cert.certificate.clone(),
            private_key: cert.private_key.clone(),
        };
        let agreed = Agreed::default();
        MADE.set(Some(agreed.clone()));
        let dtls = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            _ => dimpl::Dtls::new_auto(config, cert, now),
        };
        Ok(Box::new(Connection { dtls, agreed }))
    }
}

struct Connection {
    dtls: dimpl::Dtls,
    agreed: Agreed,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.dtls.poll_output(buf) {
            DtlsOutput::KeyingMaterial(material, profile) => {
                let secrets = Secrets::new(profile, &material, self.dtls.is_active());
                if self.agreed.0.set(secrets).is_err() {
                    tracing::warn!("a connection agreed upon keys twice; the first ones stay");
                }
                let mut nobodys = vec![0; material.len()];
                aws_lc_rs::rand::fill(&mut nobodys).expect("the system has randomness");
                DtlsOutput::KeyingMaterial(KeyingMaterial::new(&nobodys), profile)
            }
            other => other,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.dtls.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.dtls.close()
    }
}
