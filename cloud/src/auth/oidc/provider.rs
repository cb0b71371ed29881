//! The provider: asked who somebody is, and held to its answer.

use std::time::Instant;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndUserEmail, EndUserName, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LocalizedClaim, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SubjectIdentifier, TokenResponse as _,
};
use secrecy::ExposeSecret as _;

use super::configuration::Configuration;
use super::error::{Doubt, unusable};
use super::outbound::Outbound;
use super::{OidcError, OidcPlace};
use crate::clock::Clock;
use crate::random;

/// How far the provider's clock may be behind ours.
const LEEWAY_MS: u64 = 30_000;
/// How far ahead of ours, or how old, a token may say it is.
const ISSUED_WITHIN_MS: u64 = 10 * 60 * 1_000;

type ClientAtProvider = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// One provider.
pub struct Provider {
    place: OidcPlace,
    outbound: Outbound,
    configuration: Configuration,
    clock: Clock,
}

/// A question to the provider: the address to send a browser to, and what its answer will be held against.
pub struct Question {
    /// Where the browser goes.
    pub address: Url,
    /// Comes back with the answer.
    pub state: String,
    /// What to keep until then.
    pub awaited: Awaited,
}

/// What the answer to one question is held against.
pub struct Awaited {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    asked_at: Instant,
}

/// Whom the provider says somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word it is.
    pub issuer: String,
    /// The provider's id of the person; nothing else of them is an identifier.
    pub subject: String,
    /// Their address, only where the provider says that it is verified.
    pub email: Option<String>,
    /// Their name, if it was told.
    pub name: Option<String>,
}

impl Provider {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When the system's certificate authorities cannot be used.
    pub fn new(place: OidcPlace, clock: Clock) -> Result<Self, String> {
        let outbound = Outbound::new(place.clone())?;
        Ok(Self { place, outbound, configuration: Configuration::default(), clock })
    }

    /// Which one it is.
    pub fn place(&self) -> &OidcPlace {
        &self.place
    }

    /// A new question: who is at this browser?
    ///
    /// # Errors
    /// When the provider cannot be used.
    pub async fn ask(&self) -> Result<Question, OidcError> {
        let asked_at = Instant::now();
        let client = self.client(self.metadata(None).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (random::text::<24>(), Nonce::new(random::text::<24>()));
        let (told_state, told_nonce) = (state.clone(), nonce.clone());
        let code = CoreAuthenticationFlow::AuthorizationCode;
        let (address, _, _) = client
            .authorize_url(code, move || CsrfToken::new(told_state), move || told_nonce)
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Question { address, state, awaited: Awaited { nonce, verifier, asked_at } })
    }

    /// Who it was, by the code that the browser came back with.
    ///
    /// # Errors
    /// When the provider cannot be used, or its word cannot be believed.
    pub async fn identify(&self, code: String, awaited: Awaited) -> Result<Identity, OidcError> {
        let Awaited { nonce, verifier, asked_at } = awaited;
        let metadata = self.metadata(None).await?;
        let token = self.exchange(metadata.clone(), code, verifier).await?;
        let claims = match self.believe(metadata, &token, &nonce) {
            Err(Doubt::UnknownKey) => self.believe(self.metadata(Some(asked_at)).await?, &token, &nonce),
            certain => certain,
        };
        let claims = claims.map_err(OidcError::from)?;
        if claims.email().is_none() {
            // Core 5.4: with a code, a provider may tell these at its userinfo endpoint alone.
            return self.told(&token, claims.subject()).await;
        }
        let email = verified(claims.email(), claims.email_verified());
        Ok(self.identity(claims.subject(), email, claims.name()))
    }

    async fn exchange(
        &self,
        metadata: CoreProviderMetadata,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> Result<CoreTokenResponse, OidcError> {
        let client = self.client(metadata)?;
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|error| unusable(&error))?.set_pkce_verifier(verifier);
        request.request_async(&self.outbound.sender()).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => OidcError::CodeRefused(refusal.error().to_string()),
            RequestTokenError::Request(error) => unusable(&error),
            RequestTokenError::Parse(error, _) => {
                OidcError::Unreachable(format!("its answer is none: {error}"))
            }
            RequestTokenError::Other(what) => OidcError::Unreachable(what),
        })
    }

    /// Core 3.1.3.7. The token came straight from the token endpoint; its signature is verified all the same.
    fn believe(
        &self,
        metadata: CoreProviderMetadata,
        token: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, Doubt> {
        let client = self.client(metadata)?;
        let (now, clock) = (self.clock.clone(), self.clock.clone());
        let verifier = client
            .id_token_verifier()
            // Never a shared secret, and never nothing, whatever the configuration offers.
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || time(now.unix_ms().saturating_sub(LEEWAY_MS)))
            .set_issue_time_verifier_fn(move |issued| {
                let apart = issued.timestamp_millis().abs_diff(time(clock.unix_ms()).timestamp_millis());
                if apart <= ISSUED_WITHIN_MS {
                    return Ok(());
                }
                Err(format!("it was made {} s away from our clock", apart / 1_000))
            });
        let Some(id_token) = token.id_token() else {
            return Err(OidcError::NotBelieved("it sent none".to_owned()).into());
        };
        Ok(id_token.claims(&verifier, nonce)?.clone())
    }

    async fn told(
        &self,
        token: &CoreTokenResponse,
        subject: &SubjectIdentifier,
    ) -> Result<Identity, OidcError> {
        let client = self.client(self.metadata(None).await?)?;
        let Ok(request) = client.user_info(token.access_token().clone(), Some(subject.clone())) else {
            return Ok(self.identity(subject, None, None)); // it has no such endpoint
        };
        let told = request.request_async(&self.outbound.sender()).await;
        let told: CoreUserInfoClaims = told.map_err(|error| unusable(&error))?;
        Ok(self.identity(subject, verified(told.email(), told.email_verified()), told.name()))
    }

    fn identity(
        &self,
        subject: &SubjectIdentifier,
        email: Option<String>,
        names: Option<&LocalizedClaim<EndUserName>>,
    ) -> Identity {
        let name = names.and_then(|names| names.get(None)).map(|name| name.to_string());
        Identity {
            issuer: self.place.issuer.clone(),
            subject: subject.to_string(),
            email,
            name: name.filter(|name| !name.trim().is_empty()),
        }
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<ClientAtProvider, OidcError> {
        let secret = self.place.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let callback = RedirectUrl::new(self.place.callback.clone()).map_err(|error| unusable(&error))?;
        let id = ClientId::new(self.place.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(callback))
    }

    async fn metadata(&self, after: Option<Instant>) -> Result<CoreProviderMetadata, OidcError> {
        self.configuration.read(&self.place.issuer, &self.outbound, after).await
    }
}

fn verified(email: Option<&EndUserEmail>, verified: Option<bool>) -> Option<String> {
    email.filter(|_| verified == Some(true)).map(|email| email.to_string())
}

fn time(unix_ms: u64) -> DateTime<Utc> {
    i64::try_from(unix_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
