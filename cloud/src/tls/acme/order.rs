//! One order: a proof for each name, a certificate (RFC 8555 7.4, 7.5).

use std::time::Duration;

use instant_acme::{
    AuthorizationHandle, AuthorizationStatus, ChallengeType, Error, Identifier, NewOrder, Order, OrderStatus,
    Problem, RetryPolicy,
};
use rcgen::{CertificateParams, KeyPair};

use super::error::{AcmeError, said};
use super::proof::{HttpProofs, Put, put_dns, put_tls};
use super::{Acme, AcmeChallenge, account};
use crate::data_dir::DataDir;
use crate::tls::Presented;

/// Each of the waits: for the authority's look, and for its signature.
pub(super) const LONGEST: Duration = Duration::from_secs(120);
/// How often it is looked, where the authority does not say when (`Retry-After`).
const LOOKS: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).backoff(1.5).timeout(LONGEST);

/// Everything that an order takes.
pub(super) struct Issuer<'a> {
    pub(super) acme: &'a Acme,
    pub(super) data: &'a DataDir,
    pub(super) presented: &'a Presented,
    pub(super) proofs: &'a HttpProofs,
}

/// What came of it, in PEM.
pub(super) struct Issued {
    pub(super) chain: String,
    pub(super) key: String,
}

impl<'a> Issuer<'a> {
    /// A new certificate with a new key.
    pub(super) async fn obtain(&self) -> Result<Issued, AcmeError> {
        let account = account::open(self.acme, self.data).await?;
        let names: Vec<Identifier> = self.acme.names.iter().cloned().map(Identifier::Dns).collect();
        let made = account.new_order(&NewOrder::new(&names)).await;
        let mut order = made.inspect_err(|error| account::forget_if_unknown(self.data, error))?;
        let mut put = Vec::new();
        let proven = self.prove(&mut order, &mut put).await;
        for proof in put {
            proof.take().await;
        }
        proven?;
        self.finish(&mut order).await
    }

    /// Proves each name that the authority has not seen proven lately.
    async fn prove(&self, order: &mut Order, put: &mut Vec<Put<'a>>) -> Result<(), AcmeError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let authorization = authorization?;
            if authorization.status != AuthorizationStatus::Valid {
                self.answer(authorization, put).await?;
            }
        }
        let problem = match order.poll_ready(&LOOKS).await {
            Ok(OrderStatus::Ready) => return Ok(()),
            Ok(_) => None,
            Err(Error::Api(problem)) => Some(problem),
            Err(error) => return Err(error.into()),
        };
        let why = refusals(order, problem).await;
        let (names, challenge) = (self.acme.names.join(", "), self.acme.challenge);
        Err(AcmeError::NotProven { names, challenge, why })
    }

    /// Puts the proof of one name there, and tells the authority to look.
    async fn answer(
        &self,
        mut authorization: AuthorizationHandle<'_>,
        put: &mut Vec<Put<'a>>,
    ) -> Result<(), AcmeError> {
        let (wanted, name) = (self.acme.challenge, authorization.identifier().to_string());
        let not_offered = || AcmeError::NotOffered { name: name.clone(), wanted };
        let mut challenge = authorization.challenge(wanted.kind()).ok_or_else(not_offered)?;
        let proof = challenge.key_authorization();
        put.push(match (wanted, &self.acme.dns_hook) {
            (AcmeChallenge::Http01, _) => self.proofs.put(&challenge.token, &proof),
            (AcmeChallenge::TlsAlpn01, _) => put_tls(self.presented, &name, &proof)?,
            (AcmeChallenge::Dns01, Some(hook)) => put_dns(hook, &name, &proof).await?,
            (AcmeChallenge::Dns01, None) => return Err(not_offered()),
        });
        Ok(challenge.set_ready().await?)
    }

    async fn finish(&self, order: &mut Order) -> Result<Issued, AcmeError> {
        let key = KeyPair::generate()?;
        let request = CertificateParams::new(self.acme.names.clone())?.serialize_request(&key)?;
        order.finalize_csr(request.der()).await?;
        Ok(Issued { chain: order.poll_certificate(&LOOKS).await?, key: key.serialize_pem() })
    }
}

impl AcmeChallenge {
    fn kind(self) -> ChallengeType {
        match self {
            Self::Http01 => ChallengeType::Http01,
            Self::TlsAlpn01 => ChallengeType::TlsAlpn01,
            Self::Dns01 => ChallengeType::Dns01,
        }
    }
}

/// What the authority says of the order, and of each proof that it did not see.
async fn refusals(order: &mut Order, problem: Option<Problem>) -> String {
    let mut told: Vec<String> = problem.iter().map(said).collect();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        let name = state.identifier().to_string();
        let problems = state.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        told.extend(problems.map(|problem| format!("{name}: {}", said(problem))));
    }
    if told.is_empty() { "it did not say why".to_owned() } else { told.join("; ") }
}
