//! What all WebRTC connections of this server share: the certificate, the codecs, the header extensions.

use std::sync::Arc;
use std::time::Duration;

use str0m::config::DtlsCert;
use str0m::crypto::CryptoProvider;
use str0m::rtp::Extension;
use str0m::{RtcConfig, RtcError};

use super::dtls;

/// How soon media follows a viewer that nominated another way.
const STATISTICS: Duration = Duration::from_millis(200);

/// The server's DTLS certificate, made once: 2 ms a join are saved, and nothing would be won by many.
#[derive(Clone)]
pub(super) struct Identity {
    certificate: DtlsCert,
    crypto: Arc<CryptoProvider>,
}

impl Identity {
    /// Makes a certificate (ECDSA P-256, what browsers expect).
    pub(super) fn new() -> Result<Self, RtcError> {
        let crypto = Arc::new(dtls::provider());
        let certificate = crypto.dtls_provider.generate_certificate();
        str0m::crypto::from_feature_flags().install_process_default();
        certificate
            .map(|certificate| Self { certificate, crypto })
            .ok_or_else(|| RtcError::RemoteSdp("no DTLS certificate could be made".to_owned()))
    }

    /// How every connection begins: what is sent here, and what may be said with it.
    pub(super) fn config(&self) -> RtcConfig {
        let mut config = RtcConfig::new()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_crypto_provider(Arc::clone(&self.crypto))
            .set_dtls_cert(self.certificate.clone())
            .set_stats_interval(Some(STATISTICS))
            .clear_codecs()
            .enable_opus(true, false)
            .clear_extension_map()
            .set_extension(3, Extension::TransportSequenceNumber)
            .set_extension(4, Extension::RtpMid)
            .set_extension(5, Extension::PlayoutDelay)
            .set_extension(9, Extension::AbsoluteCaptureTime);
        // What encoders send here is constrained baseline; a decoder of the others takes it too.
        for (pt, rtx, profile_level_id) in [(102, 103, 0x42e01f), (104, 105, 0x42001f), (106, 107, 0x4d001f)]
        {
            config.codec_config().add_h264(pt.into(), Some(rtx.into()), true, profile_level_id);
        }
        config
    }
}
