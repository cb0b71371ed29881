//! Which provider, who we are to it, and where it sends people back to.
//!
//! It refuses plain HTTP. Invariant: the one exception is an issuer on this machine's loopback, by address, where
//! nothing leaves the machine; such an issuer may name endpoints on loopback alone, and no other issuer may.

use std::path::PathBuf;

use openidconnect::url::{Host, Url};
use secrecy::SecretString;

/// Google's issuer, as its ID tokens write it.
const GOOGLE: &str = "https://accounts.google.com";
const CALLBACK: &str = "/api/signin/callback";

/// A provider to sign in at.
#[derive(Debug, Clone)]
pub struct OidcPlace {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) callback: String,
    origin: String,
    reach: Reach,
}

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// HTTPS, wherever.
    Secure,
    /// HTTP or HTTPS, on this machine's loopback.
    Loopback,
}

/// Settings that name no provider.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Not an address, or plain HTTP to another machine.
    #[error(
        "{setting}: \"{url}\" cannot be used; write an https:// address without query, such as {example} (http:// only for an issuer at 127.0.0.1 or [::1])"
    )]
    Url {
        /// The name of the setting.
        setting: &'static str,
        /// What stands there.
        url: String,
        /// What could stand there.
        example: &'static str,
    },
    /// We could not say where people come back to.
    #[error(
        "oidc_client_id needs public_url: the address of this server as people's browsers know it, such as https://live.example.org"
    )]
    NoPublicUrl,
    /// The secret cannot be read.
    #[error("cannot read oidc_client_secret_file {}: {cause}", .path.display())]
    Secret {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

impl OidcPlace {
    /// From the settings. `issuer` is Google's unless said; `public_url` is the origin of our pages.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(
        issuer: Option<String>,
        client_id: String,
        client_secret_file: Option<PathBuf>,
        public_url: Option<String>,
    ) -> Result<Self, PlaceError> {
        let issuer = issuer.unwrap_or_else(|| GOOGLE.to_owned());
        let reach = Reach::of_issuer(&issuer).ok_or_else(|| PlaceError::Url {
            setting: "oidc_issuer",
            url: issuer.clone(),
            example: GOOGLE,
        })?;
        let public_url = public_url.ok_or(PlaceError::NoPublicUrl)?;
        let origin = origin_of(&public_url).ok_or_else(|| PlaceError::Url {
            setting: "public_url",
            url: public_url.clone(),
            example: "https://live.example.org",
        })?;
        let client_secret = client_secret_file.map(|path| match std::fs::read_to_string(&path) {
            Ok(text) => Ok(SecretString::from(text.trim())),
            Err(cause) => Err(PlaceError::Secret { path, cause }),
        });
        Ok(Self {
            issuer,
            client_id,
            client_secret: client_secret.transpose()?,
            callback: format!("{origin}{CALLBACK}"),
            origin,
            reach,
        })
    }

    /// Where our pages are: `https://live.example.org`, without a slash at its end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its identifier, as its ID tokens write it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What people call the provider.
    pub fn name(&self) -> String {
        if self.issuer == GOOGLE {
            return "Google".to_owned();
        }
        let url = Url::parse(&self.issuer).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| self.issuer.clone())
    }

    /// On this machine.
    pub(super) fn is_here(&self) -> bool {
        self.reach == Reach::Loopback
    }

    /// Whether a request may go there.
    pub(super) fn may_reach(&self, url: &Url) -> bool {
        match self.reach {
            Reach::Secure => url.scheme() == "https",
            Reach::Loopback => matches!(url.scheme(), "http" | "https") && is_loopback(url),
        }
    }
}

impl Reach {
    fn of_issuer(issuer: &str) -> Option<Self> {
        let url = Url::parse(issuer).ok()?;
        // OpenID Connect Discovery 1.0, 3: no query, no fragment; nor a password in it.
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        match url.scheme() {
            "https" if plain && url.has_host() => Some(Self::Secure),
            "http" if plain && is_loopback(&url) => Some(Self::Loopback),
            _ => None,
        }
    }
}

/// By address: a name may lead anywhere.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

fn origin_of(public_url: &str) -> Option<String> {
    let url = Url::parse(public_url).ok()?;
    let plain =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (url.scheme() == "https" && plain).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(issuer: Option<&str>, public_url: Option<&str>) -> Result<OidcPlace, PlaceError> {
        OidcPlace::new(issuer.map(str::to_owned), "us".to_owned(), None, public_url.map(str::to_owned))
    }

    const HERE: Option<&str> = Some("https://live.example.org/");

    #[test]
    fn google_is_the_provider_unless_another_is_named() {
        let google = place(None, HERE).unwrap();
        assert_eq!((google.name().as_str(), google.issuer.as_str()), ("Google", GOOGLE));
        assert_eq!(google.callback, "https://live.example.org/api/signin/callback");
        assert_eq!(place(Some("https://id.example.org/realm"), HERE).unwrap().name(), "id.example.org");
    }

    #[test]
    fn plain_http_is_for_an_issuer_on_loopback_by_address() {
        for refused in [
            "http://id.example.org",
            "http://localhost:9",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "id",
            "https://a?b",
        ] {
            let error = place(Some(refused), HERE).unwrap_err().to_string();
            assert!(error.contains("oidc_issuer") && error.contains(refused), "{error}");
        }
        for taken in ["http://127.0.0.1:9", "http://[::1]:9", "https://id.example.org"] {
            assert!(place(Some(taken), HERE).is_ok(), "{taken}");
        }
    }

    #[test]
    fn an_issuer_elsewhere_cannot_send_us_into_this_machine_by_plain_http_nor_one_here_elsewhere() {
        let reach =
            |issuer, url: &str| place(Some(issuer), HERE).unwrap().may_reach(&Url::parse(url).unwrap());
        assert!(reach(GOOGLE, "https://oauth2.googleapis.com/token"));
        assert!(!reach(GOOGLE, "http://127.0.0.1:8890/token"));
        assert!(!reach(GOOGLE, "file:///etc/passwd"));
        assert!(reach("http://127.0.0.1:9", "http://127.0.0.1:9/token"));
        assert!(!reach("http://127.0.0.1:9", "http://169.254.169.254/latest"));
        assert!(!reach("http://127.0.0.1:9", "http://localhost:9/token"));
    }

    #[test]
    fn the_address_of_our_pages_is_needed_and_is_an_origin() {
        assert!(matches!(place(None, None), Err(PlaceError::NoPublicUrl)));
        for refused in
            ["http://live.example.org", "https://live.example.org/a", "https://a@b", "live.example.org"]
        {
            assert!(place(None, Some(refused)).unwrap_err().to_string().contains("public_url"), "{refused}");
        }
        assert_eq!(place(None, Some("https://a.example:8443")).unwrap().origin(), "https://a.example:8443");
    }
}
