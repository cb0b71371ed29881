//! Samples of what the host's page is told.

use returnfeed_protocol::{
    AuditEntry, Bitrate, HostNow, HostProcess, HostSession, HostUser, HostUserPatch, UserId,
};

use super::samples::{Sample, sample, session};

pub(crate) fn host() -> Vec<Sample> {
    let user = HostUser {
        id: UserId::from_parts(1_763_856_000_005, [5; 10]),
        email: "ada@example.org".into(),
        name: "에이다 Ada".into(),
        email_verified: false,
        host: false,
        disabled: true,
        elsewhere: true,
        second_factor: true,
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
    let process =
        HostProcess { cpu_ms: 61_250, resident_bytes: 48_000_000, open_files: 73, max_files: 65_536 };
    let now = HostNow {
        at: 1_763_856_060_000,
        viewers: 12,
        connected: 15,
        audit_days: 365,
        process: Some(process),
        sessions: vec![running],
    };
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
        sample(
            "http.host_user_patch",
            "HostUserPatch",
            &HostUserPatch { disabled: Some(false), host: Some(true) },
        ),
        sample("http.host_now", "HostNow", &now),
        sample("http.audit_entry", "AuditEntry", &entry),
    ]
}
