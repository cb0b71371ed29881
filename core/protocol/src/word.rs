//! The words of the house: layer, role, session state. One word per thing across Rust, SQL, TypeScript, screen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A word that is none of those known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{got:?} is not one of {expected}")]
pub struct UnknownWord {
    /// What was given.
    pub got: String,
    /// The known words.
    pub expected: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word on the wire, in SQL and in metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownWord { got: other.chars().take(40).collect(), expected: $list }),
                }
            }
        }
    };
}

pub(crate) use words;

words!(
    /// A simulcast layer: the same programme twice.
    Layer, "high, low" {
        /// 0.1 Mbps, 320x180, up to 30 frames a second.
        Low = "low",
        /// 1 Mbps, 640x360, up to 60 frames a second.
        High = "high",
    }
);

words!(
    /// What a participant is in a session.
    Role, "director, camera, viewer" {
        /// Switches the programme.
        Director = "director",
        /// Operates a camera, sees the return picture and the tally.
        Camera = "camera",
        /// Watches.
        Viewer = "viewer",
    }
);

words!(
    /// Where a session stands.
    SessionState, "open, rehearsal, live, ended" {
        /// Made, nothing goes out.
        Open = "open",
        /// Director and cameras receive, viewers wait.
        Rehearsal = "rehearsal",
        /// Everybody receives.
        Live = "live",
        /// Over; nobody receives and nobody joins.
        Ended = "ended",
    }
);

words!(
    /// What an invitation is worth.
    InviteState, "open, expired, used_up, revoked" {
        /// It lets people in.
        Open = "open",
        /// Its time is over.
        Expired = "expired",
        /// As many came by it as may.
        UsedUp = "used_up",
        /// It was taken back.
        Revoked = "revoked",
    }
);

words!(
    /// What to do about a camera number that somebody has.
    Wish, "beside, take_over" {
        /// Follow it too.
        Beside = "beside",
        /// Ask them, and the director, to give it up.
        TakeOver = "take_over",
    }
);

words!(
    /// Who may make an account.
    Registration, "closed, invite, open" {
        /// Nobody: the host makes them.
        Closed = "closed",
        /// Whoever has a link from the host.
        Invite = "invite",
        /// Everybody.
        Open = "open",
    }
);

words!(
    /// Why a viewer has the layer it has.
    LayerReason, "starting, chosen, role, absent, loss, round_trip, bandwidth, recovered" {
        /// It began there, and nothing has spoken against it.
        Starting = "starting",
        /// The viewer asked for no more.
        Chosen = "chosen",
        /// Its role, or its link, has no right to more.
        Role = "role",
        /// The layer that it would have does not arrive.
        Absent = "absent",
        /// Its network lost too much for the high layer.
        Loss = "loss",
        /// Its network answered too late for the high layer.
        RoundTrip = "round_trip",
        /// Its network carries too little for the high layer.
        Bandwidth = "bandwidth",
        /// Its network carries the high layer again.
        Recovered = "recovered",
    }
);

impl Layer {
    /// Both, the better one first.
    pub const ALL: [Self; 2] = [Self::High, Self::Low];
}

impl SessionState {
    /// Whether a participant of this role receives the programme now.
    pub const fn receives(self, role: Role) -> bool {
        match (self, role) {
            (Self::Ended | Self::Open, _) | (Self::Rehearsal, Role::Viewer) => false,
            (Self::Rehearsal, Role::Director | Role::Camera) | (Self::Live, _) => true,
        }
    }

    /// Whether a session may go from here to there: the whole table. Whoever runs the show changes their mind as
    /// they like; what is over is opened again first, so that nobody puts it on air by one wrong tap.
    pub const fn can_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Open | Self::Rehearsal | Self::Live, _) | (Self::Ended, Self::Ended | Self::Open) => true,
            (Self::Ended, Self::Rehearsal | Self::Live) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_wait_while_cameras_rehearse() {
        assert!(SessionState::Rehearsal.receives(Role::Camera));
        assert!(!SessionState::Rehearsal.receives(Role::Viewer));
        assert!(!SessionState::Ended.receives(Role::Director));
    }

    #[test]
    fn what_is_over_is_opened_again_before_it_goes_on_air() {
        use SessionState::{Ended, Live, Open, Rehearsal};
        for from in [Open, Rehearsal, Live] {
            assert!([Open, Rehearsal, Live, Ended].into_iter().all(|next| from.can_become(next)), "{from}");
        }
        assert!(Ended.can_become(Open) && Ended.can_become(Ended));
        assert!(!Ended.can_become(Rehearsal) && !Ended.can_become(Live));
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = "medium".parse::<Layer>().unwrap_err();
        assert_eq!(error.to_string(), "\"medium\" is not one of high, low");
        assert!(Layer::High > Layer::Low);
    }
}
