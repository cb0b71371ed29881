//! Whom the provider's person is here. Pure: what is known comes in, what is to be done goes out.
//!
//! It refuses to take an e-mail for an identity. Invariant: an account that was here before is opened by its issuer
//! and subject, or, once, by its password; never by an e-mail alone.

use returnfeed_protocol::Registration;

/// What is known when somebody comes back from the provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// Issuer and subject belong to an account.
    pub(super) known: Option<Standing>,
    /// The provider vouches for an e-mail.
    pub(super) email_verified: bool,
    /// That e-mail is of a local account, which nobody proved to be theirs yet.
    pub(super) email_taken: bool,
    /// There is an account at all.
    pub(super) set_up: bool,
    /// The setting.
    pub(super) registration: Registration,
    /// They came with an invitation that is good for that e-mail.
    pub(super) invited: bool,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Disabled,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Log in.
    LogIn,
    /// Ask for the local account's password, then remember that the two are one.
    Prove,
    /// Make an account.
    Register,
    /// Say why not.
    Refuse(Refusal),
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    AccountDisabled,
    EmailUnverified,
    NotSetUp,
    RegistrationClosed,
    InviteNeeded,
}

impl Refusal {
    /// The stable code.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::AccountDisabled => "account_disabled",
            Self::EmailUnverified => "email_unverified",
            Self::NotSetUp => "not_set_up",
            Self::RegistrationClosed => "registration_closed",
            Self::InviteNeeded => "invite_needed",
        }
    }
}

pub(super) fn entry(facts: Facts) -> Entry {
    match facts.known {
        Some(Standing::Open) => return Entry::LogIn,
        Some(Standing::Disabled) => return Entry::Refuse(Refusal::AccountDisabled),
        None => {}
    }
    if !facts.email_verified {
        return Entry::Refuse(Refusal::EmailUnverified);
    }
    if facts.email_taken {
        return Entry::Prove;
    }
    if !facts.set_up {
        return Entry::Refuse(Refusal::NotSetUp); // or a stranger would become the host
    }
    match facts.registration {
        Registration::Open => Entry::Register,
        Registration::Invite if facts.invited => Entry::Register,
        Registration::Invite => Entry::Refuse(Refusal::InviteNeeded),
        Registration::Closed => Entry::Refuse(Refusal::RegistrationClosed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Facts = Facts {
        known: None,
        email_verified: true,
        email_taken: false,
        set_up: true,
        registration: Registration::Open,
        invited: false,
    };

    #[test]
    fn who_is_known_comes_in_whatever_their_email_has_become() {
        let known =
            Facts { known: Some(Standing::Open), email_verified: false, email_taken: true, ..STRANGER };
        assert_eq!(entry(Facts { registration: Registration::Closed, ..known }), Entry::LogIn);
        let disabled = Facts { known: Some(Standing::Disabled), ..STRANGER };
        assert_eq!(entry(disabled), Entry::Refuse(Refusal::AccountDisabled));
    }

    #[test]
    fn a_local_account_of_the_same_email_is_proved_and_never_just_opened() {
        for registration in [Registration::Closed, Registration::Invite, Registration::Open] {
            let taken = Facts { email_taken: true, registration, ..STRANGER };
            assert_eq!(entry(taken), Entry::Prove);
            let unverified = Facts { email_verified: false, ..taken };
            assert_eq!(entry(unverified), Entry::Refuse(Refusal::EmailUnverified));
        }
    }

    #[test]
    fn the_rules_of_registration_hold_here_too() {
        let by = |registration| entry(Facts { registration, ..STRANGER });
        assert_eq!(by(Registration::Open), Entry::Register);
        assert_eq!(by(Registration::Invite), Entry::Refuse(Refusal::InviteNeeded));
        assert_eq!(by(Registration::Closed), Entry::Refuse(Refusal::RegistrationClosed));
        let invited = |registration| entry(Facts { registration, invited: true, ..STRANGER });
        assert_eq!(invited(Registration::Invite), Entry::Register);
        assert_eq!(invited(Registration::Closed), Entry::Refuse(Refusal::RegistrationClosed));
        let unverified =
            Facts { registration: Registration::Invite, invited: true, email_verified: false, ..STRANGER };
        assert_eq!(entry(unverified), Entry::Refuse(Refusal::EmailUnverified));
    }

    #[test]
    fn nobody_becomes_the_host_by_being_the_first_to_sign_in() {
        let first = Facts { set_up: false, ..STRANGER };
        assert_eq!(entry(first), Entry::Refuse(Refusal::NotSetUp));
    }
}
