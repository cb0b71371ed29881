//! `GET /api/admin/now`: how the server fares at this moment, session by session.

use axum::Json;
use axum::extract::State;
use returnfeed_protocol::{Bitrate, HostNow, HostProcess, HostSession};

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, get};
use crate::app::App;
use crate::metrics;
use crate::store::Running;

pub(super) fn route() -> Routes {
    get(
        "/api/admin/now",
        now,
        Operation::new("How the server fares now", HOSTS, Answer::json::<HostNow>(200)),
    )
}

async fn now(State(app): State<App>, _: Host) -> Result<Json<HostNow>, ApiProblem> {
    let running = app.store.running_sessions().await?;
    let sessions: Vec<_> = running.into_iter().map(|running| as_seen(&app, running)).collect();
    let viewers = sessions.iter().fold(0_u32, |all, session| all.saturating_add(session.viewers));
    let connected = app.sockets.len() as u64;
    let audit_days = app.audit_days;
    let at = app.clock.unix_ms();
    Ok(Json(HostNow { at, viewers, connected, audit_days, process: process(), sessions }))
}

fn process() -> Option<HostProcess> {
    let process = metrics::process_now()?;
    Some(HostProcess {
        cpu_ms: u64::try_from(process.cpu.as_millis()).ok()?,
        resident_bytes: process.resident_bytes,
        open_files: process.open_fds as u64,
        max_files: process.max_fds,
    })
}

fn as_seen(app: &App, Running { summary, by, created_at }: Running) -> HostSession {
    let rates = app.media.rates(summary.id);
    let all = rates.iter().fold(0_u64, |all, (_, rate)| all.saturating_add(*rate));
    HostSession {
        viewers: app.media.viewers(summary.id),
        arriving: (!rates.is_empty()).then_some(Bitrate(all)),
        session: summary,
        by,
        created_at,
    }
}
