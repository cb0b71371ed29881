//! One order: a proof for each name, a certificate (RFC 8555 7.4, 7.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use super::client::Client;
use super::error::AcmeError;
use super::proof::{HttpProofs, Put, put_dns, put_tls};
use super::wire::{Authorization, Order, Status};
use super::{Acme, AcmeChallenge, account};
use crate::data_dir::DataDir;
use crate::tls::Presented;

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
        let mut client = account::open(self.acme, self.data).await?;
        let (address, order) = self.order(&mut client).await?;
        let mut put = Vec::new();
        let proven = self.prove(&mut client, &address, &order, &mut put).await;
        for proof in put {
            proof.take().await;
        }
        proven?;
        self.finish(&mut client, &address, &order).await
    }

    async fn order(&self, client: &mut Client) -> Result<(String, Order), AcmeError> {
        let names = self.acme.names.iter().map(|name| json!({ "type": "dns", "value": name }));
        let wanted = json!({ "identifiers": names.collect::<Value>() });
        let address = client.directory.new_order.clone();
        let made = client.post(&address, Some(&wanted)).await;
        let made = made.inspect_err(|error| account::forget_if_unknown(self.data, error))?;
        Ok((made.location()?, made.read()?))
    }

    /// Proves each name that the authority has not seen proven lately.
    async fn prove(
        &self,
        client: &mut Client,
        address: &str,
        order: &Order,
        put: &mut Vec<Put<'a>>,
    ) -> Result<(), AcmeError> {
        for address in &order.authorizations {
            let authorization: Authorization = client.see(address).await?;
            if authorization.status != Status::Valid {
                self.answer(client, &authorization, put).await?;
            }
        }
        let looked = |order: &Order| !matches!(order.status, Status::Pending);
        let seen: Order = client.wait(address, looked).await?;
        match seen.status {
            Status::Ready | Status::Processing | Status::Valid => Ok(()),
            _ => {
                let why = refusals(client, &seen).await;
                let (names, challenge) = (self.acme.names.join(", "), self.acme.challenge);
                Err(AcmeError::NotProven { names, challenge, why })
            }
        }
    }

    /// Puts the proof of one name there, and tells the authority to look.
    async fn answer(
        &self,
        client: &mut Client,
        authorization: &Authorization,
        put: &mut Vec<Put<'a>>,
    ) -> Result<(), AcmeError> {
        let (wanted, name) = (self.acme.challenge, &authorization.identifier.value);
        let not_offered = || AcmeError::NotOffered { name: name.clone(), wanted };
        let offered = authorization.challenges.iter().find(|offered| offered.kind == wanted.name());
        let challenge = offered.ok_or_else(not_offered)?;
        let proof = client.key.authorization(&challenge.token);
        put.push(match (wanted, &self.acme.dns_hook) {
            (AcmeChallenge::Http01, _) => self.proofs.put(&challenge.token, &proof),
            (AcmeChallenge::TlsAlpn01, _) => put_tls(self.presented, name, &proof)?,
            (AcmeChallenge::Dns01, Some(hook)) => put_dns(hook, name, &proof).await?,
            (AcmeChallenge::Dns01, None) => return Err(not_offered()),
        });
        client.post(&challenge.url, Some(&json!({}))).await?;
        Ok(())
    }

    async fn finish(&self, client: &mut Client, address: &str, order: &Order) -> Result<Issued, AcmeError> {
        let key = KeyPair::generate()?;
        let request = CertificateParams::new(self.acme.names.clone())?.serialize_request(&key)?;
        let request = json!({ "csr": BASE64.encode(request.der()) });
        client.post(&order.finalize, Some(&request)).await?;
        let signed = |order: &Order| !matches!(order.status, Status::Ready | Status::Processing);
        let order: Order = client.wait(address, signed).await?;
        match (order.certificate, order.error) {
            (Some(certificate), _) => {
                let chain = client.post(&certificate, None).await?.body;
                let chain = String::from_utf8(chain);
                let chain =
                    chain.map_err(|_| AcmeError::NotUnderstood("the certificate is no PEM".into()))?;
                Ok(Issued { chain, key: key.serialize_pem() })
            }
            (None, Some(problem)) => Err(AcmeError::Refused(problem)),
            (None, None) => Err(AcmeError::NotUnderstood("an order ended without a certificate".into())),
        }
    }
}

/// What the authority says of each proof that it did not see.
async fn refusals(client: &mut Client, order: &Order) -> String {
    let mut told: Vec<String> = order.error.iter().map(ToString::to_string).collect();
    for address in &order.authorizations {
        let Ok(authorization) = client.see::<Authorization>(address).await else { continue };
        let problems = authorization.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        told.extend(problems.map(|problem| format!("{}: {problem}", authorization.identifier.value)));
    }
    if told.is_empty() { "it did not say why".to_owned() } else { told.join("; ") }
}
