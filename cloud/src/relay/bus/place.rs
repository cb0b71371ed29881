//! Where the servers of the same sessions hear each other: `alone`, `database` or `nats://[USER:PASSWORD@]HOST[:PORT]`.
//!
//! It refuses to show a password, to a log or to anybody.

use std::fmt;
use std::str::FromStr;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use serde::Deserialize;

/// Where other servers are heard.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum BusPlace {
    /// There is one server.
    #[default]
    Alone,
    /// In the PostgreSQL that they share.
    Database,
    /// At a NATS server, or the servers of one cluster.
    Nats(NatsPlace),
}

/// Servers of one cluster, and what opens them.
#[derive(Clone)]
pub struct NatsPlace {
    pub(super) servers: Vec<ServerAddr>,
    pub(super) login: Option<Login>,
}

/// As NATS's addresses have it: a user with a password, or a token alone.
#[derive(Clone)]
pub(super) enum Login {
    Password { user: String, password: SecretString },
    Token(SecretString),
}

/// No place where servers could hear each other.
#[derive(Debug, thiserror::Error)]
#[error(
    "write alone, database, or nats://USER:PASSWORD@HOST:4222 (tls:// with TLS; several with commas between them){0}"
)]
pub struct BadBusPlace(String);

impl FromStr for BusPlace {
    type Err = BadBusPlace;

    fn from_str(text: &str) -> Result<Self, BadBusPlace> {
        match text {
            "alone" => Ok(Self::Alone),
            "database" => Ok(Self::Database),
            _ if text.starts_with("nats://") || text.starts_with("tls://") => text.parse().map(Self::Nats),
            _ => Err(BadBusPlace(String::new())),
        }
    }
}

impl TryFrom<String> for BusPlace {
    type Error = BadBusPlace;

    fn try_from(text: String) -> Result<Self, BadBusPlace> {
        text.parse()
    }
}

impl FromStr for NatsPlace {
    type Err = BadBusPlace;

    fn from_str(text: &str) -> Result<Self, BadBusPlace> {
        let (mut servers, mut login) = (Vec::new(), None);
        for address in text.split(',') {
            let (server, its_login) = server(address.trim())?;
            servers.push(server);
            login = login.or(its_login);
        }
        Ok(Self { servers, login })
    }
}

/// The login is taken out of the address: what is left may stand in a log.
fn server(address: &str) -> Result<(ServerAddr, Option<Login>), BadBusPlace> {
    let bad = |why: &str| BadBusPlace(format!("; {why}"));
    let parsed: ServerAddr = address.parse().map_err(|_| bad("one of the addresses is none"))?;
    if !["nats", "tls"].contains(&parsed.scheme()) || parsed.host().is_empty() {
        return Err(bad("one of the addresses has another beginning or no host"));
    }
    let said = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(String::from).map_err(|_| bad("what is escaped in the login is no text"))
    };
    let login = match (parsed.username(), parsed.password()) {
        (None, _) => None,
        (Some(token), None) => Some(Login::Token(said(token)?.into())),
        (Some(user), Some(password)) => {
            Some(Login::Password { user: said(user)?, password: said(password)?.into() })
        }
    };
    let mut bare = parsed.into_inner();
    if !["", "/"].contains(&bare.path()) {
        return Err(bad("nothing stands behind the port"));
    }
    let stripped = bare.set_username("").and_then(|()| bare.set_password(None));
    stripped.map_err(|()| bad("one of the addresses has no host"))?;
    let bare = ServerAddr::from_url(bare).map_err(|_| bad("one of the addresses is none"))?;
    Ok((bare, login))
}

impl fmt::Display for NatsPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<&str> = self.servers.iter().map(ServerAddr::as_url_str).collect();
        f.write_str(&servers.join(","))
    }
}

impl fmt::Debug for NatsPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn nats(text: &str) -> NatsPlace {
        match text.parse().unwrap() {
            BusPlace::Nats(place) => place,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_login_is_taken_out_of_the_address_and_never_shown() {
        let place = nats("nats://ada:planted%40secret@one.example.org:4223, tls://two.example.org");
        assert_eq!(format!("{place} {place:?}").matches("planted").count(), 0);
        assert_eq!(place.to_string(), "nats://one.example.org:4223,tls://two.example.org");
        let Some(Login::Password { user, password }) = place.login else { panic!("a password") };
        assert_eq!((user.as_str(), password.expose_secret()), ("ada", "planted@secret"));
        assert!(
            matches!(nats("nats://t0ken@one").login, Some(Login::Token(token)) if token.expose_secret() == "t0ken")
        );
        assert!(nats("nats://127.0.0.1").login.is_none());
    }

    #[test]
    fn another_place_is_refused_with_what_to_write_and_without_the_secret() {
        let wrong = [
            "",
            "nats",
            "postgres://x",
            "nats://",
            "nats://a,http://b",
            "nats://a:b@c/d",
            "tls://planted:x@:1",
        ];
        for text in wrong {
            let said = text.parse::<BusPlace>().unwrap_err().to_string();
            assert!(
                said.contains("nats://USER:PASSWORD@HOST") && !said.contains("planted"),
                "{text}: {said}"
            );
        }
    }
}
