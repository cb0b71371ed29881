//! The certificate: until when, for which names, and whether a phone that knows nothing of us would take it.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls_platform_verifier::Verifier;
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode as _;

use super::{Finding, cause};
use crate::config::{Certificate, Config};
use crate::data_dir::DataDir;
use crate::tls::Acme;

const CHECK: &str = "certificate";
const DAY_S: u64 = 86_400;
/// Whoever renews by ACME does it thirty days ahead: less than this, and it has failed for a week.
const SOON: u64 = 21 * DAY_S;

/// Of the settings' certificate, at a time in Unix ms.
pub(super) fn look(config: &Config, now: u64) -> Vec<Finding> {
    match &config.certificate {
        Certificate::SelfSigned => vec![self_signed(config, now)],
        Certificate::Acme(acme) => obtained(config, acme, now),
        Certificate::Files { cert, key } => match read(cert, key) {
            Ok(chain) => chain_of_files(&chain, &config.public_names, now / 1000),
            Err(why) => {
                let cure =
                    "name a chain and its key in PEM by tls_cert and tls_key, readable by the server's user";
                vec![Finding::broken(CHECK, why, cure)]
            }
        },
    }
}

/// What an authority gave; before it has, a start asks for one.
fn obtained(config: &Config, acme: &Acme, now: u64) -> Vec<Finding> {
    let Some(data) = DataDir::existing(&config.data_dir).filter(|data| data.acme_certificate().exists())
    else {
        let cure = "the server asks for one while it runs, and says in its log what hinders it";
        return vec![Finding::look(CHECK, "none of an authority yet", cure)];
    };
    match read(&data.acme_certificate(), &data.acme_certificate_key()) {
        Ok(chain) => chain_of_files(&chain, &acme.names, now / 1000),
        Err(why) => vec![Finding::broken(CHECK, why, "start the server: it asks for another one")],
    }
}

/// A phone is asked once; nothing of it can be wrong but its dates, and those are renewed at each start.
fn self_signed(config: &Config, now: u64) -> Finding {
    let made = DataDir::existing(&config.data_dir).and_then(|data| std::fs::read(data.certificate()).ok());
    let until = made.and_then(|pem| dates(CertificateDer::pem_slice_iter(&pem).next()?.ok()?.as_ref()));
    match until {
        None => Finding::look(CHECK, "none yet", "the first start makes a self-signed one"),
        Some((_, until)) if until <= now / 1000 => {
            Finding::broken(CHECK, "self-signed, and expired", "restart the server: it makes a new one")
        }
        Some((_, until)) => {
            let says = format!("self-signed, good until {}", date(until));
            Finding::look(
                CHECK,
                says,
                "each phone warns once; a name and a certificate by ACME or files end that",
            )
        }
    }
}

fn chain_of_files(chain: &[CertificateDer<'_>], names: &[String], now: u64) -> Vec<Finding> {
    let Some((leaf, between)) = chain.split_first() else {
        return vec![Finding::broken(
            CHECK,
            "the file holds none",
            "put the chain into tls_cert, the server's own first",
        )];
    };
    let mut findings = vec![expiry(leaf, now)];
    findings.extend(wrong_names(leaf, names));
    let whole = findings.iter().all(|finding| finding.verdict != super::Verdict::Broken);
    if let (true, Some(name)) = (whole, names.first()) {
        findings.push(trust(leaf, between, name, now));
    }
    findings
}

fn expiry(leaf: &CertificateDer<'_>, now: u64) -> Finding {
    let Some((from, until)) = dates(leaf) else {
        return Finding::broken(CHECK, "its dates cannot be read", "have a new one made");
    };
    if until <= now {
        let says = format!("expired on {}", date(until));
        return Finding::broken(CHECK, says, "renew it: browsers and directors refuse this one");
    }
    if from > now {
        let says = format!("good only from {} on", date(from));
        return Finding::broken(
            CHECK,
            says,
            "set this machine's clock, or wait: browsers refuse it until then",
        );
    }
    let says = format!("good until {}", date(until));
    if until - now < SOON {
        return Finding::look(CHECK, says, "renew it; whatever renews it has not done so in time");
    }
    Finding::ok(CHECK, says)
}

fn wrong_names(leaf: &CertificateDer<'_>, names: &[String]) -> Vec<Finding> {
    let Ok(parsed) = ParsedCertificate::try_from(leaf) else {
        return vec![Finding::broken(CHECK, "it is not understood", "have a new one made")];
    };
    let missing = names.iter().filter(|name| {
        let name = ServerName::try_from(name.as_str());
        name.is_ok_and(|name| verify_server_name(&parsed, &name).is_err())
    });
    missing
        .map(|name| {
            let says = format!("it is not for {name}");
            Finding::broken(
                CHECK,
                says,
                "have one made for that name, or change public_name: browsers refuse this one",
            )
        })
        .collect()
}

fn trust(leaf: &CertificateDer<'_>, between: &[CertificateDer<'_>], name: &str, now: u64) -> Finding {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let (Ok(verifier), Ok(name)) = (Verifier::new(provider), ServerName::try_from(name.to_owned())) else {
        let cure = "install ca-certificates, to have the chain looked at";
        return Finding::look("chain", "this machine knows no authorities", cure);
    };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    match verifier.verify_server_cert(leaf, between, &name, &[], now) {
        Ok(_) => Finding::ok("chain", "it leads to an authority that this machine knows"),
        Err(error) => {
            let says = format!("it leads to no authority that this machine knows ({})", cause(error));
            let cure = "put every certificate between into tls_cert behind the server's own; of a private authority, \
                        each device needs its root";
            Finding::look("chain", says, cure)
        }
    }
}

fn read(cert: &std::path::Path, key: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = |path: &std::path::Path| {
        std::fs::read(path).map_err(|error| format!("{} cannot be read ({})", path.display(), cause(error)))
    };
    let (chain, private) = (text(cert)?, text(key)?);
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{} is no PEM ({})", cert.display(), cause(error)))?;
    let private = PrivateKeyDer::from_pem_slice(&private)
        .map_err(|error| format!("{} holds no private key ({})", key.display(), cause(error)))?;
    CertifiedKey::from_der(chain.clone(), private, &aws_lc_rs::default_provider())
        .map_err(|_| format!("{} and {} do not belong together", cert.display(), key.display()))?;
    Ok(chain)
}

/// From when until when, in Unix seconds.
fn dates(der: &[u8]) -> Option<(u64, u64)> {
    let parsed = Parsed::from_der(der).ok()?;
    let validity = parsed.tbs_certificate().validity();
    Some((validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs()))
}

fn date(unix: u64) -> String {
    let at = i64::try_from(unix).ok().and_then(|unix| chrono::DateTime::from_timestamp(unix, 0));
    at.map_or_else(|| "an unknown day".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use time::OffsetDateTime;

    use super::super::Verdict;
    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// One for `live.example.org`, for these days around now.
    fn certificate(from: i64, until: i64) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["live.example.org".to_owned()]).unwrap();
        let day = |days: i64| OffsetDateTime::from_unix_timestamp(NOW as i64 + days * DAY_S as i64).unwrap();
        (params.not_before, params.not_after) = (day(from), day(until));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().into()
    }

    fn said(certificate: CertificateDer<'static>, name: &str) -> Vec<(Verdict, String)> {
        let findings = chain_of_files(&[certificate], &[name.to_owned()], NOW);
        findings.into_iter().map(|finding| (finding.verdict, finding.to_string())).collect()
    }

    #[test]
    fn each_way_in_which_a_certificate_is_wrong_is_one_sentence_with_its_cure() {
        let right = "live.example.org";
        for (from, until, name, verdict, words) in [
            (-80, -1, right, Verdict::Broken, "expired on"),
            (1, 90, right, Verdict::Broken, "good only from"),
            (-80, 9, right, Verdict::Look, "renew it"),
            (-1, 89, "other.example.org", Verdict::Broken, "it is not for other.example.org"),
            (-1, 89, right, Verdict::Look, "no authority"),
        ] {
            let findings = said(certificate(from, until), name);
            let found = findings.iter().any(|(found, said)| *found == verdict && said.contains(words));
            assert!(found, "{from} {until} {name}: {findings:?}");
        }
        assert_eq!(said(certificate(-1, 89), right)[0].0, Verdict::Ok);
    }
}
