//! The account with an authority: made once, kept in the data directory (0600), and made anew where the authority does
//! not know it any more.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use instant_acme::{Account, AccountBuilder, Error, NewAccount};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::AcmeError;
use super::way::way;
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
    /// PKCS#8 in base64url.
    key: String,
}

/// As the account that was made before, or as a new one.
pub(super) async fn open(acme: &Acme, data: &DataDir) -> Result<Account, AcmeError> {
    let builder = Account::builder_with_http(way(acme.authority.as_deref())?);
    match kept(data)?.filter(|kept| kept.directory == acme.directory && kept.contact == acme.contact) {
        Some(kept) => {
            let key = BASE64.decode(&kept.key).map_err(|_| AcmeError::Key)?;
            let key = PrivatePkcs8KeyDer::from(key);
            Ok(builder.from_parts(kept.account, key, kept.directory).await?)
        }
        None => make(builder, acme, data).await,
    }
}

/// Forgets the account, where that is why an order was refused: the next try makes another.
pub(super) fn forget_if_unknown(data: &DataDir, error: &Error) {
    let Error::Api(problem) = error else { return };
    if problem.r#type.as_deref() == Some(DOES_NOT_EXIST) {
        tracing::warn!("the authority does not know this server's account any more; another is made");
        let _ = std::fs::remove_file(data.acme_account()); // if it stays, the next order says the same again
    }
}

/// Whoever sets `acme_challenge` has agreed to the authority's terms: the setting says so.
async fn make(builder: AccountBuilder, acme: &Acme, data: &DataDir) -> Result<Account, AcmeError> {
    let contact = acme.contact.as_ref().map(|address| format!("mailto:{address}"));
    let contacts: Vec<&str> = contact.iter().map(String::as_str).collect();
    let wanted =
        NewAccount { contact: &contacts, terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&wanted, acme.directory.clone(), None).await?;
    let key = BASE64.encode(credentials.private_key().secret_pkcs8_der());
    let (directory, contact) = (acme.directory.clone(), acme.contact.clone());
    let kept = Kept { directory, contact, account: account.id().to_owned(), key };
    write(&data.acme_account(), json!(kept).to_string().as_bytes())?;
    Ok(account)
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
