//! Identifiers: UUIDv7 (RFC 9562), one type per thing named. Nothing here makes randomness or reads a clock.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(Uuid);

        impl $name {
            /// Names an existing thing by its UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// A new UUIDv7 from the wall clock (milliseconds since 1970) and ten random bytes, so that later
            /// ids compare greater.
            pub fn from_parts(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }

            /// The UUID itself, for a database column.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A person with an account.
    UserId
);
id!(
    /// One live production.
    SessionId
);
id!(
    /// A person in a session, with or without an account.
    ParticipantId
);
id!(
    /// One invitation into a session.
    InviteId
);
id!(
    /// One right to push; a newer one takes over from an older one, so the order of ids matters.
    PublishKeyId
);
id!(
    /// A director's document; whoever makes it names it, on whichever machine.
    ShowId
);
id!(
    /// One WHEP session: one picture on one screen.
    ViewerId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_key_compares_greater() {
        let earlier = PublishKeyId::from_parts(1_000, [255; 10]);
        let later = PublishKeyId::from_parts(1_001, [0; 10]);
        assert!(later > earlier);
    }

    #[test]
    fn an_id_survives_text() {
        let id = SessionId::from_parts(1_763_856_000_000, [7; 10]);
        assert_eq!(id.to_string().parse::<SessionId>().unwrap(), id);
        assert_eq!(id.as_uuid().get_version_num(), 7);
    }
}
