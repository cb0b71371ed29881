//! The account with an authority: made once, kept in the data directory (0600), and made anew where the authority does
//! not know it any more.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client::Client;
use super::error::AcmeError;
use super::jws::AccountKey;
use super::{Acme, write};
use crate::data_dir::DataDir;

/// RFC 8555 6.7.
const DOES_NOT_EXIST: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// An account, and of which authority: another one knows nothing of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    directory: String,
    contact: Option<String>,
    account: String,
    key: String,
}

/// As the account that was made before, or as a new one.
pub(super) async fn open(acme: &Acme, data: &DataDir) -> Result<Client, AcmeError> {
    let authority = acme.authority.as_deref();
    match kept(data)?.filter(|kept| kept.directory == acme.directory && kept.contact == acme.contact) {
        Some(kept) => {
            let key = AccountKey::from_text(&kept.key)?;
            Client::open(&acme.directory, authority, key, Some(kept.account)).await
        }
        None => {
            let mut client = Client::open(&acme.directory, authority, AccountKey::generate()?, None).await?;
            make(&mut client, acme, data).await?;
            Ok(client)
        }
    }
}

/// Forgets the account, where that is why an order was refused: the next try makes another.
pub(super) fn forget_if_unknown(data: &DataDir, error: &AcmeError) {
    let AcmeError::Refused(problem) = error else { return };
    if problem.kind.as_deref() == Some(DOES_NOT_EXIST) {
        tracing::warn!("the authority does not know this server's account any more; another is made");
        let _ = std::fs::remove_file(data.acme_account()); // if it stays, the next order says the same again
    }
}

/// Whoever sets `acme_challenge` has agreed to the authority's terms: the setting says so.
async fn make(client: &mut Client, acme: &Acme, data: &DataDir) -> Result<(), AcmeError> {
    let contact: Vec<String> = acme.contact.iter().map(|address| format!("mailto:{address}")).collect();
    let wanted = json!({ "termsOfServiceAgreed": true, "contact": contact });
    let address = client.directory.new_account.clone();
    let account = client.post(&address, Some(&wanted)).await?.location()?;
    let (directory, contact) = (acme.directory.clone(), acme.contact.clone());
    let kept = Kept { directory, contact, account: account.clone(), key: client.key.to_text() };
    write(&data.acme_account(), json!(kept).to_string().as_bytes())?;
    client.account = Some(account);
    Ok(())
}

fn kept(data: &DataDir) -> Result<Option<Kept>, AcmeError> {
    let path = data.acme_account();
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(AcmeError::File { path, cause }),
    };
    serde_json::from_slice(&text).map(Some).map_err(|cause| AcmeError::Account { path, cause })
}
