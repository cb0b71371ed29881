//! By what right the shows are asked for.

use returnfeed_protocol::{LoginRequest, LoginResponse, RefreshBy};
use secrecy::{ExposeSecret, SecretString};

use super::cloud::{Caller, Offline};

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

impl Credential for AccountToken {
    async fn token(&self, _: &Caller) -> Result<SecretString, Offline> {
        Ok(self.0.clone())
    }
}

impl Credential for Password {
    async fn token(&self, caller: &Caller) -> Result<SecretString, Offline> {
        let password = self.password.expose_secret().to_owned();
        let refresh = RefreshBy::default();
        let request = LoginRequest { email: self.email.clone(), password, refresh };
        let answer: LoginResponse = caller.login(&request).await?;
        Ok(answer.access_token.into())
    }
}
