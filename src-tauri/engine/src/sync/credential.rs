//! By what right the shows are asked for.

use returnfeed_protocol::{LoginRequest, LoginResponse, RefreshBy, RefreshRequest};
use secrecy::{ExposeSecret, SecretString};

use super::cloud::{Caller, Offline};
use crate::secrets::SecretStore;

/// Gives an account token that is good now.
pub trait Credential: Send + Sync {
    /// The token; asked for once a sync, since it lives minutes.
    ///
    /// # Errors
    /// Why there is none.
    fn token(&self, caller: &Caller) -> impl Future<Output = Result<SecretString, Offline>> + Send;
}

/// A token that somebody else renews.
pub struct AccountToken(pub SecretString);

/// An e-mail and a password, which signs in each time.
pub struct Password {
    /// As registered.
    pub email: String,
    /// As chosen.
    pub password: SecretString,
}

/// A login that this machine keeps: its refresh token is good once, and the next is kept before anything is asked with
/// the access token that came with it.
pub struct Refresh {
    /// Where it is kept.
    pub store: SecretStore,
    /// As what.
    pub name: String,
}

impl Credential for AccountToken {
    async fn token(&self, _: &Caller) -> Result<SecretString, Offline> {
        Ok(self.0.clone())
    }
}

impl Credential for Password {
    async fn token(&self, caller: &Caller) -> Result<SecretString, Offline> {
        let password = self.password.expose_secret().to_owned();
        let refresh = RefreshBy::default();
        let request = LoginRequest { email: self.email.clone(), password, code: None, refresh };
        let answer: LoginResponse = caller.login(&request).await?;
        Ok(answer.access_token.into())
    }
}

impl Credential for Refresh {
    async fn token(&self, caller: &Caller) -> Result<SecretString, Offline> {
        let failed = |error: crate::secrets::SecretError| Offline(error.to_string());
        let Some(kept) = self.store.get(&self.name).map_err(failed)? else {
            let what = "nobody is signed in; run: returnfeed-director sign-in --cloud URL";
            return Err(Offline(what.to_owned()));
        };
        let request = RefreshRequest { refresh_token: Some(kept.expose_secret().to_owned()) };
        let answer: LoginResponse = caller.refresh(&request).await?;
        let next = answer.refresh_token.ok_or_else(|| Offline("the cloud gave no next login".to_owned()))?;
        self.store.keep(&self.name, &next.into()).map_err(failed)?;
        Ok(answer.access_token.into())
    }
}
