//! `session create`, `links` and `push-address`: for the demo, for scripts, and for encoders that are not ours.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use returnfeed_protocol::{
    CameraNumber, CreateInvite, CreateSession, Epoch, Layer, ParticipantId, Role, SessionId, SessionState,
};
use serde_json::json;

use super::{Opened, Place, links, sentence};
use crate::api::credentials::lines;
use crate::api::invites::new_invite;
use crate::api::participants::joined;
use crate::api::sessions::{grant, new_session};
use crate::auth::Tokens;
use crate::data_dir::{Existing, write_private};
use crate::random;
use crate::store::{Actor, Entry, Participant, SessionRow};
use crate::upkeep;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Quality {
    High,
    Low,
}

impl Quality {
    fn layer(self) -> Layer {
        match self {
            Self::High => Layer::High,
            Self::Low => Layer::Low,
        }
    }
}

/// Whom an invitation lets in.
#[derive(Debug, clap::Args)]
pub(super) struct Invited {
    /// camera or viewer
    #[arg(long)]
    role: Role,
    /// The camera number of whoever comes by it
    #[arg(long, value_name = "NUMBER")]
    camera: Option<u16>,
    /// For whom it is, for the director to read
    #[arg(long)]
    label: Option<String>,
    /// Best layer of whoever comes by it [default: the role's own]
    #[arg(long, value_enum)]
    layer: Option<Quality>,
    /// How many may come by it [default: any number]
    #[arg(long, value_name = "COUNT")]
    uses: Option<u32>,
    /// For how many hours it is good [default: until the session ends]
    #[arg(long, value_name = "HOURS")]
    hours: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a session, and print its links and codes
    Create {
        #[command(flatten)]
        place: Place,
        /// Its name
        #[arg(long)]
        name: String,
        /// E-mail of the account that it belongs to
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// Best layer for those who come by the public viewer link
        #[arg(long, value_enum, default_value = "low")]
        public_layer: Quality,
        /// Everybody receives from the start
        #[arg(long)]
        live: bool,
        /// Write the director's token to this file, readable by this user alone
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// Print one JSON object, with the director's token
        #[arg(long)]
        json: bool,
    },
    /// Print the links of a session, with a QR code each
    Links {
        #[command(flatten)]
        place: Place,
        /// The session's id
        #[arg(long, value_name = "ID")]
        session: SessionId,
        /// Host name or address of this server, as phones reach it [default: that of the default route]
        #[arg(long)]
        address: Option<String>,
        /// The server's HTTPS port, where it is not that of the settings
        #[arg(long)]
        port: Option<u16>,
    },
    /// Invite into a session: print a link with its code and a QR code
    Invite {
        #[command(flatten)]
        place: Place,
        /// The session's id
        #[arg(long, value_name = "ID")]
        session: SessionId,
        #[command(flatten)]
        invited: Invited,
        /// Host name or address of this server, as phones reach it [default: that of the default route]
        #[arg(long)]
        address: Option<String>,
        /// The server's HTTPS port, where it is not that of the settings
        #[arg(long)]
        port: Option<u16>,
    },
    /// Print the SRT address of a session for ffmpeg, OBS and others (good for 24 h; a newer one takes over)
    PushAddress {
        #[command(flatten)]
        place: Place,
        /// The session's id
        #[arg(long, value_name = "ID")]
        session: SessionId,
        /// Host name or address of this server, as the encoder reaches it
        #[arg(long, default_value = "localhost")]
        host: String,
        /// The server's SRT port, where it is not that of the settings
        #[arg(long)]
        port: Option<u16>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { place, name, owner, public_layer, live, token_file, json } => {
            let opened = place.open().await?;
            let request = CreateSession { name, public_layer: Some(public_layer.layer()) };
            let state = if live { SessionState::Live } else { SessionState::Open };
            create(&opened, &request, state, &owner, token_file, json).await?;
            opened.store.close().await;
        }
        Command::Links { place, session, address, port } => {
            let opened = place.open().await?;
            links::print(&opened, session, address, port).await?;
            opened.store.close().await;
        }
        Command::Invite { place, session, invited, address, port } => {
            let opened = place.open().await?;
            invite(&opened, session, invited, address, port).await?;
            opened.store.close().await;
        }
        Command::PushAddress { place, session, host, port, json } => {
            let opened = place.open().await?;
            push_address(&opened, session, &host, port, json).await?;
            opened.store.close().await;
        }
    }
    Ok(())
}

async fn create(
    opened: &Opened,
    request: &CreateSession,
    state: SessionState,
    owner: &str,
    token_file: Option<PathBuf>,
    as_json: bool,
) -> anyhow::Result<()> {
    let Opened { store, sealer, clock, data, .. } = opened;
    let Some(found) = store.credentials(owner).await? else {
        bail!(
            "{owner} has no account here; run: returnfeed-cloud account create --email {owner} --name NAME"
        );
    };
    let now = clock.unix_ms();
    let new = new_session(sealer, request, found.account.id, state, now).map_err(sentence)?;
    store.add_session(&new, now).await?;
    let session = store.session(new.id).await?.context("the session is not there after it was made")?;
    let fresh = ParticipantId::from_parts(now, random::bytes());
    let director = Participant::new(fresh, new.id, Role::Director, found.account.name, now);
    let participant = store.add_member(&director, found.account.id, None, now).await?;
    let director = Participant { id: participant, ..director };
    let tokens = Tokens::with_keys(upkeep::keys(data, clock)?, clock.clone());
    let director = joined(&tokens, &session, &director, None);

    if let Some(path) = &token_file {
        let written = write_private(path, director.token.as_bytes(), Existing::Replace);
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    let SessionRow { camera_code, viewer_code, .. } = &session;
    let (camera_path, viewer_path) = (format!("/camera/#{camera_code}"), format!("/viewer/#{viewer_code}"));
    let (camera_code, viewer_code) =
        (random::code_for_people(camera_code), random::code_for_people(viewer_code));
    if as_json {
        println!(
            "{}",
            json!({
                "session": session.summary,
                "public_layer": session.public_layer,
                "camera_code": camera_code,
                "viewer_code": viewer_code,
                "camera_path": camera_path,
                "viewer_path": viewer_path,
                "director": director,
            })
        );
        return Ok(());
    }
    println!("session   {}  ({})", session.summary.id, session.summary.state);
    println!("camera    {camera_path}   code {camera_code}");
    println!("viewer    {viewer_path}   code {viewer_code}");
    match token_file {
        Some(path) => println!("director  token in {}, good for 24 hours", path.display()),
        None => println!("director  log in as {owner}, or run this with --token-file FILE"),
    }
    Ok(())
}

async fn invite(
    opened: &Opened,
    id: SessionId,
    Invited { role, camera, label, layer, uses, hours }: Invited,
    address: Option<String>,
    port: Option<u16>,
) -> anyhow::Result<()> {
    let Some(session) = opened.store.session(id).await? else { bail!("there is no session {id}") };
    if session.has_ended() {
        bail!("the session {id} has ended; open it again, or make a new one");
    }
    let now = opened.clock.unix_ms();
    let request = CreateInvite {
        role,
        camera: camera.map(CameraNumber::try_from).transpose()?,
        label,
        max_layer: layer.map(Quality::layer),
        max_uses: uses,
        valid_for_ms: hours.map(|hours| hours.saturating_mul(3_600_000)),
    };
    let invite = new_invite(id, &request, now).map_err(sentence)?;
    if !opened.store.add_invite(&invite, session.created_by, now).await? {
        bail!("the session has as many invitations as it may: use those that there are");
    }
    let detail = json!({ "invite": invite.id, "role": role, "camera": invite.camera });
    let (actor, what) = (Actor::CommandLine, "invite.created");
    opened.store.audit(&Entry { actor, session: Some(id), what, detail, address: None }, now).await;
    let port = port.unwrap_or(opened.config.https.port());
    println!("{}", links::card(&invite, &links::host(address), port)?);
    Ok(())
}

async fn push_address(
    opened: &Opened,
    id: SessionId,
    host: &str,
    port: Option<u16>,
    as_json: bool,
) -> anyhow::Result<()> {
    let Some(session) = opened.store.session(id).await? else { bail!("there is no session {id}") };
    if session.has_ended() {
        bail!("the session {id} has ended; make a new one");
    }
    let key = opened.store.grant_key(id, opened.clock.unix_ms()).await?;
    let port = port.unwrap_or(opened.config.srt.port());
    let passphrase = opened.sealer.open(id, &session.passphrase)?;
    // No run of a director begins with this key: an encoder speaks no tally.
    let granted = grant(id, &passphrase, key, Epoch(0), port);
    let detail = json!({});
    let (actor, what) = (Actor::CommandLine, "credentials.shown");
    let entry = Entry { actor, session: Some(id), what, detail, address: None };
    opened.store.audit(&entry, opened.clock.unix_ms()).await;
    let high = lines(host, &granted.srt, &granted.srt.stream_id_high);
    let low = lines(host, &granted.srt, &granted.srt.stream_id_low);
    if as_json {
        println!("{}", json!({ "host": host, "srt": granted.srt, "url_high": high.url, "url_low": low.url }));
        return Ok(());
    }
    println!("SRT address, high layer   {}", high.url);
    println!("SRT address, low layer    {}", low.url);
    println!(
        "OBS       Settings > Stream > Custom, the address above as server; H.264 without B-frames, Opus"
    );
    println!("ffmpeg    {}", high.ffmpeg);
    println!("vMix      Settings > Outputs > SRT: {}", high.vmix.replace('\n', ", "));
    println!("Whoever reads these lines can push into the session until it ends: keep them secret.");
    Ok(())
}
