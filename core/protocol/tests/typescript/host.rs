//! Samples of what the host's page is told.

use returnfeed_protocol::{AuditEntry, Bitrate, HostNow, HostSession, HostUser, HostUserPatch, UserId};

use super::samples::{Sample, sample, session};

pub(crate) fn host() -> Vec<Sample> {
    let user = HostUser {
        id: UserId::from_parts(1_763_856_000_005, [5; 10]),
        email: "ada@example.org".into(),
        name: "에이다 Ada".into(),
        host: false,
        disabled: true,
        elsewhere: true,
        sessions: 3,
        created_at: 1_763_856_000_000,
    };
    let running = HostSession {
        session: session(),
        by: "에이다 Ada".into(),
        viewers: 12,
        arriving: Some(Bitrate(1_120_000)),
        created_at: 1_763_856_000_000,
    };
    let now = HostNow { at: 1_763_856_060_000, viewers: 12, sessions: vec![running] };
    let entry = AuditEntry {
        id: "019ab0d2-7c00-7000-8000-000000000006".into(),
        at: 1_763_856_060_000,
        who: "에이다 Ada".into(),
        session: Some(session().id),
        what: "session.ended".into(),
        detail: "{}".into(),
        address: Some("192.0.2.7".into()),
    };
    vec![
        sample("http.host_user", "HostUser", &user),
        sample("http.host_user_patch", "HostUserPatch", &HostUserPatch { disabled: true }),
        sample("http.host_now", "HostNow", &now),
        sample("http.audit_entry", "AuditEntry", &entry),
    ]
}
