//! Why a push failed, as a sentence.

use returnfeed_srt::{CallerEnd, Refusal};

use super::PushFailure;
use crate::sentence::Sentence;

impl From<PushFailure> for Sentence {
    fn from(failure: PushFailure) -> Self {
        match failure {
            PushFailure::End(end) => ended(&end),
            PushFailure::Config(error) => Self::as_is(error.to_string()),
            PushFailure::Machine(error) => Self::as_is(error),
        }
    }
}

fn ended(end: &CallerEnd) -> Sentence {
    match end {
        CallerEnd::WrongPassphrase => Sentence::wrong_passphrase(),
        CallerEnd::EncryptionRefused => Sentence::not_encrypted_alike(),
        CallerEnd::Refused(refusal) => (*refusal).into(),
        CallerEnd::Full => Sentence::server_full(),
        CallerEnd::RefusedWithCode { code } => Sentence::refused_with_code(code),
        CallerEnd::NoAnswer { port } => Sentence::no_answer(port),
        CallerEnd::PeerGone => Sentence::server_gone(),
        CallerEnd::PeerClosed => Sentence::server_ended(),
        CallerEnd::NotOurKind => Sentence::not_srt(),
        CallerEnd::ClosedHere => Sentence::ended_here(),
    }
}

impl From<Refusal> for Sentence {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::StreamIdNotUnderstood => Self::stream_id_not_understood(),
            Refusal::KeyUnknown => Self::key_unknown(),
            Refusal::SessionUnknown => Self::session_unknown(),
            Refusal::Superseded => Self::superseded(),
            Refusal::Occupied => Self::way_occupied(),
            Refusal::SessionEnded => Self::session_ended(),
            Refusal::Unavailable => Self::server_full(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_that_ended_is_said_in_the_words_of_the_protocol() {
        for refusal in Refusal::ALL {
            assert_eq!(*Sentence::from(refusal), *refusal.to_string());
        }
        let ends = [
            CallerEnd::WrongPassphrase,
            CallerEnd::EncryptionRefused,
            CallerEnd::Full,
            CallerEnd::RefusedWithCode { code: 1004 },
            CallerEnd::NoAnswer { port: 8890 },
            CallerEnd::PeerGone,
            CallerEnd::PeerClosed,
            CallerEnd::NotOurKind,
            CallerEnd::ClosedHere,
        ];
        for end in ends {
            assert_eq!(*ended(&end), *end.to_string());
        }
    }
}
