//! A certificate for one connection: elliptic curve, made anew each time, believed by its digest in the offer.

use aws_lc_rs::digest::{SHA256, digest};

/// A certificate.
pub(super) struct Own {
    /// With its key.
    pub(super) pem: String,
    /// As SDP writes it (RFC 8122 5).
    pub(super) fingerprint: String,
}

pub(super) fn make() -> Result<Own, String> {
    let failed = |error: rcgen::Error| error.to_string();
    let key = rcgen::KeyPair::generate().map_err(failed)?;
    let names = vec!["monitor.returnfeed.invalid".to_owned()];
    let certificate =
        rcgen::CertificateParams::new(names).map_err(failed)?.self_signed(&key).map_err(failed)?;
    let bytes = digest(&SHA256, certificate.der());
    let hex: Vec<String> = bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(Own { pem: certificate.pem() + &key.serialize_pem(), fingerprint: hex.join(":") })
}
