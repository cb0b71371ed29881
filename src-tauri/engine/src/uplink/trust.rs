//! Which certificate of the cloud is believed: the system's authorities, one file, or one fingerprint.
//!
//! Refuses to believe "any": a cloud with a self-signed certificate is named by that certificate. Invariant: with a
//! file or fingerprint, a certificate that is neither in it nor signed by it ends the connection.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;

/// What is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// What the operating system believes.
    #[default]
    System,
    /// The certificates of a PEM file: the cloud's own, or the authority that signed it.
    File(PathBuf),
    /// The SHA-256 of the cloud's own certificate.
    Fingerprint([u8; 32]),
}

/// Why a trust cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be read as PEM certificates.
    #[error("{path} holds no certificate that can be read ({cause}); name the cloud's certificate file", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Not a fingerprint.
    #[error("{got:?} is not a fingerprint; write sha256: and 64 hexadecimal digits, colons allowed")]
    Fingerprint {
        /// What was given.
        got: String,
    },
    /// The operating system's authorities cannot be used.
    #[error("the system's certificate authorities cannot be used ({0}); name the cloud's certificate file")]
    System(String),
}

impl FromStr for Trust {
    type Err = TrustError;

    /// Reads a fingerprint, `sha256:…`.
    fn from_str(text: &str) -> Result<Self, TrustError> {
        let wrong = || TrustError::Fingerprint { got: text.to_owned() };
        let hex: Vec<u8> =
            text.strip_prefix("sha256:").ok_or_else(wrong)?.bytes().filter(|byte| *byte != b':').collect();
        let bytes = hex
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>();
        let all_hex = hex.iter().all(u8::is_ascii_hexdigit);
        bytes
            .filter(|_| all_hex)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self::Fingerprint)
            .ok_or_else(wrong)
    }
}

impl Trust {
    /// The TLS configuration that believes this and nothing else.
    pub(crate) fn config(&self) -> Result<ClientConfig, TrustError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError::System(error.to_string()))?;
        let verifier = match self {
            Self::System => {
                let builder = builder
                    .with_platform_verifier()
                    .map_err(|error| TrustError::System(error.to_string()))?;
                return Ok(builder.with_no_client_auth());
            }
            Self::File(path) => Named::from_file(path, provider)?,
            Self::Fingerprint(digest) => {
                Named { certificates: Vec::new(), digest: Some(*digest), authority: None, provider }
            }
        };
        Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
    }
}

/// Believes certificates named one by one, and what they have signed.
#[derive(Debug)]
struct Named {
    certificates: Vec<CertificateDer<'static>>,
    digest: Option<[u8; 32]>,
    authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Named {
    fn from_file(path: &Path, provider: Arc<CryptoProvider>) -> Result<Self, TrustError> {
        let fail = |cause: String| TrustError::File { path: path.to_owned(), cause };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| fail(error.to_string()))?;
        if certificates.is_empty() {
            return Err(fail("it is empty".to_owned()));
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let authority =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok();
        Ok(Self { certificates, digest: None, authority, provider })
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let digest = || ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, end_entity);
        let named = self.certificates.iter().any(|certificate| certificate == end_entity)
            || self.digest.is_some_and(|wanted| wanted == digest().as_ref());
        match &self.authority {
            _ if named => Ok(ServerCertVerified::assertion()),
            Some(authority) => authority.verify_server_cert(end_entity, intermediates, name, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_colons() {
        let plain = format!("sha256:{}", "0a".repeat(32));
        let colons = format!("sha256:{}", ["0A"; 32].join(":"));
        assert_eq!(plain.parse::<Trust>(), Ok(Trust::Fingerprint([10; 32])));
        assert_eq!(colons.parse::<Trust>(), Ok(Trust::Fingerprint([10; 32])));
        for wrong in ["", "0a", "sha256:0a", &format!("sha256:{}", "+1".repeat(32)), "sha256:ㄱ"] {
            assert!(
                wrong.parse::<Trust>().unwrap_err().to_string().contains("64 hexadecimal digits"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_file_without_a_certificate_is_named() {
        let error = Trust::File("/nowhere/cloud.pem".into()).config().unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/cloud.pem holds no certificate"), "{error}");
    }
}
