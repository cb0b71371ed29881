//! A cloud as arguments name it, and which certificate is believed.

use std::path::PathBuf;

use super::setup::SetupError;
use crate::uplink::{CloudUrl, Trust};

/// A cloud, and which certificate is believed.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// The cloud, https://HOST:8443.
    #[arg(long = "cloud", id = "place_cloud", value_name = "URL")]
    pub cloud: CloudUrl,
    /// Believe the certificates of this PEM file.
    #[arg(long = "ca", id = "place_ca", value_name = "FILE", conflicts_with = "place_fingerprint")]
    pub ca: Option<PathBuf>,
    /// Believe the certificate of this fingerprint, sha256:…
    #[arg(long = "fingerprint", id = "place_fingerprint", value_name = "SHA256")]
    pub fingerprint: Option<String>,
}

impl Place {
    /// Where it is, and what is believed.
    ///
    /// # Errors
    /// When the fingerprint is none.
    pub fn understood(&self) -> Result<(CloudUrl, Trust), SetupError> {
        Ok((self.cloud.clone(), trust(self.ca.as_ref(), self.fingerprint.as_deref())?))
    }
}

pub(super) fn trust(ca: Option<&PathBuf>, fingerprint: Option<&str>) -> Result<Trust, SetupError> {
    match (ca, fingerprint) {
        (Some(file), _) => Ok(Trust::File(file.clone())),
        (None, Some(text)) => text
            .parse()
            .map_err(|error: crate::uplink::TrustError| SetupError::Fingerprint(error.to_string())),
        (None, None) => Ok(Trust::System),
    }
}
