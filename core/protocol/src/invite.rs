//! Invitations into a session: one code each, in a link, in a QR code or typed, with its terms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CameraNumber, InviteId, InviteState, Layer, Role};

/// `POST /api/sessions/{id}/invites`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct CreateInvite {
    /// As what it lets in: `camera` or `viewer`. A director signs in.
    pub role: Role,
    /// The tally light of whoever comes by it; for camera operators alone.
    #[serde(default)]
    #[ts(optional)]
    pub camera: Option<CameraNumber>,
    /// For whom it is, at most 80 characters; shown to the director.
    #[serde(default)]
    #[ts(optional)]
    pub label: Option<String>,
    /// Best layer of whoever comes by it; the role's own unless said.
    #[serde(default)]
    #[ts(optional)]
    pub max_layer: Option<Layer>,
    /// How many may come by it; any number unless said.
    #[serde(default)]
    #[ts(optional)]
    pub max_uses: Option<u32>,
    /// How long it is good for, in ms; until the session ends unless said.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub valid_for_ms: Option<u64>,
}

/// An invitation as the director sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Invite {
    /// The invitation.
    pub id: InviteId,
    /// As what it lets in.
    pub role: Role,
    /// The tally light of whoever comes by it.
    pub camera: Option<CameraNumber>,
    /// For whom it is; may be empty.
    pub label: String,
    /// As people read and type it.
    pub code: String,
    /// The link, from the server's origin on. The code stands behind `#`, which a browser keeps to itself.
    pub path: String,
    /// Best layer of whoever comes by it, where that is not the role's own.
    pub max_layer: Option<Layer>,
    /// What it is good for.
    #[serde(flatten)]
    pub terms: InviteTerms,
    /// Whether it still lets anybody in.
    pub state: InviteState,
}

/// What an invitation is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct InviteTerms {
    /// How many came by it.
    pub uses: u32,
    /// How many may; any number when absent.
    pub max_uses: Option<u32>,
    /// Unix time in ms from which on nobody may; never when absent.
    #[ts(type = "number | null")]
    pub expires_at: Option<u64>,
    /// Unix time in ms when it was taken back.
    #[ts(type = "number | null")]
    pub revoked_at: Option<u64>,
}

impl InviteTerms {
    /// Whether it lets anybody in at this moment, in Unix time in ms. What was done to it on purpose is said first.
    pub fn state(&self, now: u64) -> InviteState {
        if self.revoked_at.is_some() {
            InviteState::Revoked
        } else if self.expires_at.is_some_and(|until| until <= now) {
            InviteState::Expired
        } else if self.max_uses.is_some_and(|most| most <= self.uses) {
            InviteState::UsedUp
        } else {
            InviteState::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: InviteTerms = InviteTerms { uses: 0, max_uses: None, expires_at: None, revoked_at: None };

    #[test]
    fn an_invitation_without_terms_lets_everybody_in() {
        assert_eq!(InviteTerms { uses: u32::MAX, ..TERMS }.state(u64::MAX), InviteState::Open);
    }

    #[test]
    fn the_last_use_and_the_last_moment_still_count_and_the_next_do_not() {
        let thrice = |uses| InviteTerms { uses, max_uses: Some(3), ..TERMS }.state(0);
        assert_eq!((thrice(2), thrice(3)), (InviteState::Open, InviteState::UsedUp));
        let until = InviteTerms { expires_at: Some(1_000), ..TERMS };
        assert_eq!((until.state(999), until.state(1_000)), (InviteState::Open, InviteState::Expired));
    }

    #[test]
    fn what_was_taken_back_says_so_whatever_else_it_is() {
        let terms = InviteTerms { uses: 1, max_uses: Some(1), expires_at: Some(1), revoked_at: Some(2) };
        assert_eq!(terms.state(3), InviteState::Revoked);
        assert_eq!(InviteTerms { revoked_at: None, ..terms }.state(3), InviteState::Expired);
    }
}
