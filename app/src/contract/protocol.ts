// GENERATED from core/protocol by `./dev gen`. Do not edit: a change belongs there, and in docs/protocol.md.

/** Version of the messages; the previous one is understood too. */
export const PROTOCOL_VERSION = 1;

/** Age in ms at which a page shows unknown. */
export const TALLY_FRESH_MS = 2500;

/** How often the director repeats its tally, in ms. */
export const TALLY_REPEAT_MS = 1000;

/** Version of a show that this program writes, and the newest that it reads. */
export const SHOW_VERSION = 1;

/** The largest camera number. */
export const CAMERA_NUMBER_MAX = 99;

/** A person with an account. */
export type UserId = string;

/** One live production. */
export type SessionId = string;

/** A person in a session, with or without an account. */
export type ParticipantId = string;

/** One invitation into a session. */
export type InviteId = string;

/** One right to push; a newer one takes over from an older one, so the order of ids matters. */
export type PublishKeyId = string;

/** One WHEP session: one picture on one screen. */
export type ViewerId = string;

/** A director's document; whoever makes it names it, on whichever machine. */
export type ShowId = string;

/** Which tally light a camera follows: 1 to 99, as painted on the camera. */
export type CameraNumber = number;

/** Bits per second. */
export type Bitrate = number;

/** A simulcast layer: the same programme twice. */
export type Layer = "low" | "high";

/** Why a viewer has the layer it has. */
export type LayerReason = "starting" | "chosen" | "role" | "absent" | "loss" | "round_trip" | "bandwidth" | "recovered";

/** What a participant is in a session. */
export type Role = "director" | "camera" | "viewer";

/** Where a session stands. */
export type SessionState = "open" | "rehearsal" | "live" | "ended";

/** What an invitation is worth. */
export type InviteState = "open" | "expired" | "used_up" | "revoked";

/** What to do about a camera number that somebody has. */
export type Wish = "beside" | "take_over";

/** Who may make an account. */
export type Registration = "closed" | "invite" | "open";

/** A problem document (RFC 9457) with a stable `code`. Nobody matches the sentences. */
export type Problem = {
/** HTTP status, also where the message travels by WebSocket. */
status: number,
/** Stable and machine-readable: `token_expired`, `session_not_found`, ... */
code: string,
/** What happened, one short sentence. */
title: string,
/** What to do about it. */
detail: string, };

/** Which director run speaks: claimed once per run, only ever larger, so that a stale director's word never
 * overwrites a newer one's. */
export type Epoch = number;

/** Order of a director's words within its epoch. A repeat carries a new number: it is a new word. */
export type TallySequence = number;

/** What a camera's lamp shows. */
export type Tally = "program" | "preview" | "idle" | "unknown";

/** Why a lamp shows what it shows; the page turns it into a sentence of its language. */
export type TallyReason = { "code": "on_programme",
/** The switcher, as the director named it. */
switcher: string,
/** The input, as the switcher names it. */
input: string, } | { "code": "on_preview",
/** The switcher, as the director named it. */
switcher: string,
/** The input, as the switcher names it. */
input: string, } | { "code": "every_other" } | { "code": "not_in_use" } | { "code": "not_mapped" } | { "code": "switcher_lost",
/** The switcher, as the director named it. */
switcher: string,
/** What happened, in words. */
cause: string, } | { "code": "input_absent",
/** The switcher, as the director named it. */
switcher: string,
/** The input, as the show names it. */
input: string, } | { "code": "test" };

/** One camera's lamp. */
export type CameraLamp = {
/** Which camera. */
camera: CameraNumber,
/** Its name in the show, as the director wrote it. */
name: string,
/** What it shows. */
tally: Tally,
/** Why. */
reason: TallyReason, };

/** Every camera's lamp at one moment: the whole truth, each time. */
export type TallyState = {
/** Which director run. */
epoch: Epoch,
/** Which of its words. */
seq: TallySequence,
/** Ordered by camera number, each number at most once. */
cameras: Array<CameraLamp>, };

/** `POST /api/setup`: the first account of a new server. */
export type SetupRequest = {
/** Printed by the server on its first start, good once. */
setup_token: string,
/** Becomes the first account's e-mail. */
email: string,
/** 8 to 128 characters. */
password: string,
/** Shown to others. */
name: string,
/** Where the refresh token goes. */
refresh?: RefreshBy, };

/** `POST /api/login`. */
export type LoginRequest = {
/** As registered. */
email: string,
/** As chosen. */
password: string,
/** Of the second factor, where the refusal `code_needed` asked for it: six digits, or a code to recover by. */
code?: string,
/** Where the refresh token goes. */
refresh?: RefreshBy, };

/** How an account stands with its second factor. */
export type SecondFactor = "off" | "missing" | "on";

/** Who is logged in. */
export type AccountSummary = {
/** The account. */
id: UserId,
/** Its e-mail. */
email: string,
/** Its name. */
name: string,
/** Whether the e-mail is proven to be theirs. */
email_verified: boolean,
/** Whether it has a password here; where it has none, it signs in at the provider alone. */
has_password: boolean,
/** Whether it is a host's: sees every session, user and entry of the audit. */
host: boolean,
/** How it stands with its second factor. */
second_factor: SecondFactor, };

/** Answer to whatever logs somebody in: `POST /api/login`, `/api/setup`, `/api/register`, `/api/refresh`. */
export type LoginResponse = {
/** A JWT for `Authorization: Bearer`. */
access_token: string,
/** Seconds until it expires. */
expires_in: number,
/** Good once, for `POST /api/refresh`; absent where it is in the cookie. */
refresh_token?: string,
/** Who. */
account: AccountSummary, };

/** Where a refresh token goes. */
export type RefreshBy = "body" | "cookie";

/** `POST /api/register`: a new account. */
export type RegisterRequest = {
/** What they log in with. */
email: string,
/** 8 to 128 characters. */
password: string,
/** Shown to others. */
name: string,
/** The token of an invitation, where the server asks for one. */
invite?: string,
/** Where the refresh token goes. */
refresh?: RefreshBy, };

/** `POST /api/refresh`: the next access token, and the next refresh token. */
export type RefreshRequest = {
/** Absent where it is in the cookie. */
refresh_token?: string, };

/** `POST /api/password`: another password, by whoever knows the one before. */
export type PasswordChange = {
/** The one before. */
current: string,
/** 8 to 128 characters. */
password: string, };

/** `POST /api/password/reset`: another password, by a link that works once. */
export type PasswordReset = {
/** Of the link. */
token: string,
/** 8 to 128 characters. */
password: string, };

/** `POST /api/email/verify`: an e-mail is proven, by a link that works once. */
export type EmailProof = {
/** Of the link. */
token: string, };

/** `POST /api/second-factor`: the secret of an authenticator, by whoever knows the password. */
export type SecondFactorBegin = {
/** The account's. */
password: string, };

/** What an authenticator keeps. Told once; it counts from its first code on. */
export type SecondFactorSecret = {
/** 160 bits in base 32 (RFC 4648): for codes of six digits, SHA-1, 30 s (RFC 6238). */
secret: string, };

/** `POST /api/second-factor/confirm`: the first code of that authenticator. */
export type SecondFactorConfirm = {
/** Six digits. */
code: string, };

/** What logs in where the authenticator is lost. Told once. */
export type RecoveryCodes = {
/** Each is good once, in a code's place. */
codes: Array<string>, };

/** `GET /api/second-factor`. */
export type RecoveryCodesLeft = {
/** Codes to recover by that were not used; none where there is no second factor. */
recovery_codes_left: number, };

/** `POST /api/second-factor/recovery-codes`: new ones in the place of all before. */
export type RecoveryCodesRenewal = {
/** The account's. */
password: string,
/** Of the authenticator, or one to recover by. */
code: string, };

/** `DELETE /api/second-factor`. */
export type SecondFactorEnd = {
/** The account's. */
password: string,
/** Of the authenticator, or one to recover by. */
code: string, };

/** A login that is not over, as its account sees it. */
export type LoginSummary = {
/** Its id. */
id: string,
/** Unix time in ms when it began. */
created_at: number,
/** Unix time in ms of its newest token. */
used_at: number,
/** From where it began. */
address: string,
/** By which browser or program, as it said itself. */
agent: string,
/** The one that asks. */
current: boolean, };

/** `DELETE /api/account`. */
export type AccountDeletion = {
/** Absent where the account has none, because it signs in elsewhere. */
password?: string, };

/** `POST /api/account-invites`: lets somebody register. */
export type CreateAccountInvite = {
/** For this e-mail alone; for whoever has the link when absent. */
email?: string, };

/** A link that works once. The token stands behind `#`, which no browser sends. */
export type OneTimeLink = {
/** Goes into `invite` or `token`. */
token: string,
/** The page and the token. */
path: string,
/** Unix time in ms. */
expires_at: number, };

/** `POST /api/sessions`. */
export type CreateSession = {
/** 1 to 120 characters. */
name: string,
/** Best layer for those who come by the public viewer link; `low` unless said. */
public_layer?: Layer, };

/** A session as everybody in it sees it. */
export type SessionSummary = {
/** The session. */
id: SessionId,
/** Its name. */
name: string,
/** Where it stands. */
state: SessionState, };

/** A session as its creator sees it. */
export type SessionCreated = {
/** The session. */
session: SessionSummary,
/** Of its first invitation, for camera operators; whether it still lets anybody in, its invitations say. */
camera_code: string,
/** Of its first invitation for viewers. */
viewer_code: string,
/** Best layer for those who come by the public viewer link. */
public_layer: Layer, };

/** `PATCH /api/sessions/{id}`: what is absent stays. */
export type SessionPatch = {
/** New name, 1 to 120 characters. */
name?: string,
/** New state. */
state?: SessionState,
/** New best layer for those who come by the public viewer link. */
public_layer?: Layer, };

/** `POST /api/join`: into a session by an invitation, without an account. */
export type JoinRequest = {
/** Of a link; spaces, hyphens and case do not matter. */
code: string,
/** Shown to the director; may be empty. */
name?: string, };

/** Answer to `POST /api/join` and to `POST /api/sessions/{id}/direct`. */
export type JoinResponse = {
/** A JWT for this session alone; 24 h or until the session ends. */
token: string,
/** Unix time in ms when the token expires. */
expires_at: number,
/** Who the bearer is now. */
participant: ParticipantId,
/** As what. */
role: Role,
/** Best layer that the server will give this participant. */
max_layer: Layer,
/** As they are called; may be empty. */
name: string,
/** The tally light they follow. */
camera: CameraNumber | null,
/** The only tally light that their link is for, where it is for one. */
offered: CameraNumber | null,
/** Where. */
session: SessionSummary, };

/** Answer to `POST /api/sessions/{id}/streams`: what a WHEP player needs beside its token. */
export type StreamGrant = {
/** Where to POST the offer; an absolute path of the server that answered. */
whep_url: string,
/** Best layer that the server will give this participant. */
max_layer: Layer,
/** Unix time in ms when the right to the picture ends. */
expires_at: number, };

/** Opens one WebSocket, once, within 30 s: said in its hello. `Debug` does not show it, so that no log does. */
export type SocketTicket = string;

/** Answer to `POST /api/tickets`. */
export type Ticket = {
/** For the hello of a socket. Kept out of its address, which is written into logs. */
ticket: SocketTicket, };

/** `POST {viewer session}/layer` (draft-ietf-wish-whep, extension `urn:ietf:params:whep:ext:core:layer`). */
export type LayerRequest = {
/** Index of the video section in the SDP; the only video there is when absent. */
mediaId?: string,
/** Which layer; the server's own choice when absent. Text, so that an unknown one is refused by its own code. */
rid?: string, };

/** `POST /api/sessions/{id}/invites`. */
export type CreateInvite = {
/** As what it lets in: `camera` or `viewer`. A director signs in. */
role: Role,
/** The tally light of whoever comes by it; for camera operators alone. */
camera?: CameraNumber,
/** For whom it is, at most 80 characters; shown to the director. */
label?: string,
/** Best layer of whoever comes by it; the role's own unless said. */
max_layer?: Layer,
/** How many may come by it; any number unless said. */
max_uses?: number,
/** How long it is good for, in ms; until the session ends unless said. */
valid_for_ms?: number, };

/** What an invitation is good for. */
export type InviteTerms = {
/** How many came by it. */
uses: number,
/** How many may; any number when absent. */
max_uses: number | null,
/** Unix time in ms from which on nobody may; never when absent. */
expires_at: number | null,
/** Unix time in ms when it was taken back. */
revoked_at: number | null, };

/** An invitation as the director sees it. */
export type Invite = {
/** The invitation. */
id: InviteId,
/** As what it lets in. */
role: Role,
/** The tally light of whoever comes by it. */
camera: CameraNumber | null,
/** For whom it is; may be empty. */
label: string,
/** As people read and type it. */
code: string,
/** The link, from the server's origin on. The code stands behind `#`, which a browser keeps to itself. */
path: string,
/** Best layer of whoever comes by it, where that is not the role's own. */
max_layer: Layer | null,
/** Whether it still lets anybody in. */
state: InviteState,
/** How many came by it. */
uses: number,
/** How many may; any number when absent. */
max_uses: number | null,
/** Unix time in ms from which on nobody may; never when absent. */
expires_at: number | null,
/** Unix time in ms when it was taken back. */
revoked_at: number | null, };

/** Somebody who would like a camera number that another has. */
export type Asker = {
/** Who. */
participant: ParticipantId,
/** As they named themselves; may be empty. */
name: string, };

/** A camera operator's own place, whole, each time it changes. */
export type Place = {
/** As they, or the director, named them; may be empty. */
name: string,
/** The tally light they follow. */
camera: CameraNumber | null,
/** The one that they asked another to give up, until somebody has decided. */
asks: CameraNumber | null,
/** Who asks them to give theirs up. */
asked_by: Array<Asker>, };

/** `POST /api/me/place`: a camera operator's name and number; what is absent stays. */
export type PlaceRequest = {
/** At most 60 characters. */
name?: string,
/** The tally light to follow. */
camera?: CameraNumber,
/** What to do where somebody has it; nothing unless said, and the answer says who. */
wish?: Wish, };

/** Answer to `POST /api/me/place`. */
export type PlaceAnswer = {
/** As it is now. */
place: Place,
/** Who has the number that was asked for, and nothing was changed about it; their names, which may be empty. */
taken_by: Array<string>, };

/** A participant as the director sees one. */
export type ParticipantSummary = {
/** Who. */
participant: ParticipantId,
/** As what. */
role: Role,
/** May be empty. */
name: string,
/** The tally light they follow. */
camera: CameraNumber | null,
/** Whether a page or an uplink of theirs is connected. */
connected: boolean,
/** The camera number that they asked another to give up. */
asks: CameraNumber | null,
/** Unix time in ms. */
joined_at: number, };

/** `PATCH /api/sessions/{id}/participants/{participant}`: what is absent stays. */
export type ParticipantPatch = {
/** New name, at most 60 characters. */
name?: string,
/** New camera number; null sets theirs free. */
camera?: number | null, };

/** `POST /api/sessions/{id}/participants/swap`: each gets the other's camera number. */
export type SwapRequest = {
/** The one. */
one: ParticipantId,
/** The other. */
other: ParticipantId, };

/** `POST /api/sessions/{id}/participants/{participant}/takeover`: whether who asks gets the number. */
export type TakeoverDecision = {
/** By the director, or, to yield, by who has the number. */
allow: boolean, };

/** Answer to `GET /.well-known/jwks.json`: every key whose tokens are good. */
export type PublicKeys = {
/** The newest, which signs, first. */
keys: Array<PublicKey>, };

/** One of them, of Ed25519. */
export type PublicKey = {
/** `OKP`. */
kty: string,
/** `Ed25519`. */
crv: string,
/** `EdDSA`. */
alg: string,
/** `sig`. */
use: string,
/** What a token's header names it by. */
kid: string,
/** The key, base64url. */
x: string, };

/** Answer to `POST /api/sessions/{id}/publish`. A newer grant takes over from an older one of the session. */
export type PublishGrant = {
/** The key; `k` of the stream id. */
key: PublishKeyId,
/** The director run that this key begins. */
epoch: Epoch,
/** Unix time in ms after which no new connection may use the key. */
expires_at: number,
/** Where and how. */
srt: SrtTarget, };

/** An SRT listener and what to say to it. */
export type SrtTarget = {
/** UDP port; the host is the one that answered this request. */
port: number,
/** AES-256 passphrase of the session, 10 to 79 characters. */
passphrase: string,
/** Stream id of the high layer. */
stream_id_high: string,
/** Stream id of the low layer. */
stream_id_low: string,
/** Latency to negotiate, in ms. */
latency_ms: number, };

/** One layer's settings, ready to be copied. */
export type EncoderLines = {
/** One address, for whatever takes one. */
url: string,
/** OBS: Settings > Stream > Custom, as the server; the stream key stays empty. */
obs: string,
/** A command that pushes the file `FILE`. */
ffmpeg: string,
/** vMix: Settings > Outputs > SRT, each line a field. */
vmix: string, };

/** Answer to `POST /api/sessions/{id}/credentials`. Whoever reads it can push into the session: it is for the
 * director's eyes. */
export type PublishCredentials = {
/** Where and how. */
srt: SrtTarget,
/** Unix time in ms after which no new connection may use them. */
expires_at: number,
/** Ready to be copied, the high layer. */
high: EncoderLines,
/** Ready to be copied, the low layer. */
low: EncoderLines, };

/** What a cue says: one line, read at a glance. It is text and never markup. */
export type CueText = string;

/** Which cue, of all that were ever said in a session. */
export type CueId = {
/** The director run that said it. */
epoch: Epoch,
/** In the order said. */
n: number, };

/** A short message to an operator. */
export type Cue = {
/** Which. */
id: CueId,
/** To whom; absent: to all. */
to: CameraNumber | null,
/** What it says. */
text: CueText, };

/** Everything that the director says to operators now. State: the newest takes the place of the one before. */
export type CueSheet = {
/** No phone may sound: a beep beside a live camera goes on air. */
silent: boolean,
/** The newest for each camera and the newest for all: at most [`CueSheet::MAX`]. */
cues: Array<Cue>, };

/** What an operator says to a cue, by a tap. The first answer stands. */
export type CueAnswer = "read" | "ready" | "cannot";

/** An answer to a cue. */
export type Answered = {
/** Which. */
cue: CueId,
/** What. */
answer: CueAnswer, };

/** What an operator says of their own accord; it stands until they take it back. */
export type Signal = "hand" | "problem";

/** How a phone stands to one thing that it should do. */
export type Ability = "ready" | "off" | "unarmed" | "refused" | "impossible" | "unsure";

/** The programme picture on a phone. */
export type PictureState = "playing" | "waiting" | "blocked" | "off" | "impossible";

/** A phone's battery, where its browser gives it. */
export type Battery = {
/** 0 to 100. */
percent: number,
/** Whether it is on a charger. */
charging: boolean, };

/** A page over all its offers: random, and known to nobody else, so that no other page takes its place. */
export type LanPeer = string;

/** An ICE user name fragment (RFC 8839 5.4). */
export type IceFragment = string;

/** An ICE password (RFC 8839 5.4). */
export type IcePassword = string;

/** SHA-256 of a DTLS certificate, in pairs of hexadecimal digits with colons between (RFC 8122 5). */
export type CertificateFingerprint = string;

/** One side of the peer connection. */
export type LanSide = {
/** Of its ICE agent. */
fragment: IceFragment,
/** Of its ICE agent. */
password: IcePassword,
/** Of the certificate that it will show: who holds another one is not believed. */
fingerprint: CertificateFingerprint, };

/** A page would hear its director by the local network too. */
export type LanOffer = {
/** Which page. */
peer: LanPeer,
/** Which of its offers; comes back in the answer. */
n: number,
/** Its side. */
side: LanSide, };

/** Where the director's machine can be reached. */
export type LanAddress = {
/** Of one of its interfaces. */
ip: string,
/** UDP. */
port: number, };

/** What the director's machine says to an offer. */
export type LanAnswer = { "state": "open",
/** As offered. */
n: number,
/** Its side. */
side: LanSide,
/** Where; at most [`LanAnswer::ADDRESSES`]. */
addresses: Array<LanAddress>, } | { "state": "closed",
/** As offered. */
n: number, };

/** How a page stands to its director's machine on the local network. */
export type LanPath = "proven" | "trying" | "unreachable" | "closed";

/** All that a page can say of its phone. */
export type Readiness = {
/** A tone on RED. */
sound: Ability,
/** Vibration on RED. */
vibration: Ability,
/** The screen stays lit. */
screen: Ability,
/** The page is in sight. */
visible: boolean,
/** The programme picture. */
picture: PictureState,
/** The layer it has. */
layer: Layer | null,
/** Packets of the picture lost on the way to this phone, of a thousand in the last seconds. */
loss_per_mille: number | null,
/** The phone's round trip to the server, in ms. */
round_trip_ms: number | null,
/** Its WebSocket is refused: it hears by the second way. */
second_way: boolean,
/** Whether it hears the director by the local network too; absent where an older page does not say. */
lan: LanPath | null,
/** Absent where the browser gives none. */
battery: Battery | null, };

/** `GET /api/signin`: how one becomes somebody on this server. */
export type SignInOffer = {
/** Whether there is an account at all; until then the setup token makes the first one. */
set_up: boolean,
/** Who may make an account. */
registration: Registration,
/** Where else one can sign in; null: nowhere. */
provider: SignInProvider | null, };

/** A provider to sign in at. */
export type SignInProvider = {
/** What people call it: `Google`. */
name: string,
/** Where the pages must be open for it: `https://live.example.org`. */
origin: string, };

/** `POST /api/signin/provider`: to the provider, to sign in there. */
export type SignInBegin = {
/** From the host's link, for whoever has no account yet on a server where one is invited. */
invite?: string, };

/** Answer to `POST /api/signin/provider`. */
export type SignInAddress = {
/** Where the browser goes. */
address: string, };

/** `POST /api/signin/finish`: whom the provider named becomes somebody here. */
export type SignInFinish = {
/** From the fragment of the page that the provider led back to. */
waiting: string,
/** Of the local account with the same e-mail, where the refusal `password_needed` asked for it. */
password?: string,
/** Of that account's second factor, where the refusal `code_needed` asked for it. */
code?: string, };

/** `POST /api/signin/desktop`: a code for the desktop that asks by this challenge. */
export type DesktopRequest = {
/** PKCE, S256 (RFC 7636 4.2). */
challenge: string, };

/** Answer to it. */
export type DesktopCode = {
/** Good once, for a minute. */
code: string, };

/** `POST /api/signin/desktop/login`: the desktop's login for its code. */
export type DesktopLogin = {
/** As it came to 127.0.0.1. */
code: string,
/** Of the challenge. */
verifier: string, };

/** Somebody with an account, as the host sees them. */
export type HostUser = {
/** The account. */
id: UserId,
/** Its e-mail. */
email: string,
/** Its name. */
name: string,
/** Whether the e-mail is proven to be theirs. */
email_verified: boolean,
/** A host too. */
host: boolean,
/** Shut out by the host. */
disabled: boolean,
/** Signs in at the provider. */
elsewhere: boolean,
/** Asked for a code at each login by password. */
second_factor: boolean,
/** Sessions of theirs. */
sessions: number,
/** Unix time in ms. */
created_at: number, };

/** `PATCH /api/admin/users/{user}`: what is absent stays. */
export type HostUserPatch = {
/** Shut out, or let in again. */
disabled?: boolean,
/** A host, or no host any more. */
host?: boolean, };

/** How the server fares at this moment, and every session on it that has not ended. */
export type HostNow = {
/** Unix time in ms. */
at: number,
/** WHEP viewer sessions, all together. */
viewers: number,
/** Sockets and event streams of pages and directors. */
connected: number,
/** For how many days the audit is kept; 0: for ever. */
audit_days: number,
/** What the server takes of its machine; null where the system does not tell. */
process: HostProcess | null,
/** Newest first, at most 200. */
sessions: Array<HostSession>, };

/** What the server's process takes of its machine. */
export type HostProcess = {
/** Processor time since it started, in ms; two answers tell how busy it is. */
cpu_ms: number,
/** Memory in use, in bytes. */
resident_bytes: number,
/** Open files and sockets. */
open_files: number,
/** How many it may have. */
max_files: number, };

/** A session, as the host sees it. */
export type HostSession = {
/** The session. */
session: SessionSummary,
/** Whose: their name. */
by: string,
/** WHEP viewer sessions. */
viewers: number,
/** What arrives, all layers together; null where nothing does. */
arriving: Bitrate | null,
/** Unix time in ms. */
created_at: number, };

/** Something that somebody did. */
export type AuditEntry = {
/** Its place: a greater one is later. */
id: string,
/** Unix time in ms. */
at: number,
/** Who, as they were called then; empty where nobody is known. */
who: string,
/** In which session. */
session: SessionId | null,
/** What: a stable word. */
what: string,
/** More: a JSON object, without secrets. */
detail: string,
/** From where. */
address: string | null, };

/** How long a picture took from its source to a screen. */
export type Delay = {
/** Median of the last second, in ms. */
ms: number,
/** The truth is at most this far from it, in ms: what the clocks between source and screen may be apart. */
error_ms: number, };

/** Whether there is a programme picture. */
export type Picture = {
/** Layers that arrive now; none: *waiting for the director*. */
layers: Array<Layer>, };

/** What a page says. */
export type PageToCloud = { "type": "hello",
/** [`crate::PROTOCOL_VERSION`] of the page. */
protocol: number,
/** Opens the socket; absent where a token has opened the conversation already (server-sent events). */
ticket?: SocketTicket,
/** The tally light it follows, where it has chosen already. */
camera: CameraNumber | null, } | { "type": "follow",
/** Which. */
camera: CameraNumber, } | { "type": "shown",
/** Which director run the word was of. */
epoch: Epoch,
/** Which word. */
seq: TallySequence,
/** The camera it follows. */
camera: CameraNumber,
/** What is on the screen. */
tally: Tally, } | { "type": "readiness",
/** All of it. */
readiness: Readiness, } | { "type": "signal",
/** Absent: taken back. */
signal: Signal | null, } | { "type": "answer",
/** Which, and what. */
answered: Answered, } | { "type": "lan_offer",
/** Its side. */
offer: LanOffer, } | { "type": "delay",
/** Absent: nobody can say. */
delay: Delay | null, } | { "type": "ping",
/** Comes back in the pong. */
n: number, };

/** What the cloud says to a page. */
export type CloudToPage = { "type": "welcome",
/** [`crate::PROTOCOL_VERSION`] of the cloud. */
protocol: number,
/** Who the page is. */
participant: ParticipantId,
/** As what. */
role: Role,
/** The session. */
session: SessionSummary,
/** Whether there is a picture. */
picture: Picture, } | { "type": "tally",
/** How old the word was when this was sent, in ms. The page adds its way and its own time since. */
age_ms: number,
/** When this was sent: µs of a count that began with the sender's program and never jumps. Absent: the sender
 * answers no pings, and the page adds its own time alone. */
run_us?: number,
/** All of it. */
state: TallyState, } | { "type": "cue",
/** No phone may sound. */
silent: boolean,
/** The newest cue for the camera; absent: none. */
cue: Cue | null,
/** What this operator has said to it; absent: nothing yet, and it is shown until they do. */
answered: Answered | null, } | { "type": "session",
/** As it is now. */
session: SessionSummary, } | { "type": "place",
/** As it is now. */
place: Place, } | { "type": "picture",
/** As it is now. */
picture: Picture, } | { "type": "lan_answer",
/** As it said it. */
answer: LanAnswer, } | { "type": "pong",
/** As asked. */
n: number,
/** The cloud's clock when it answered: Unix time in µs. */
unix_us: number,
/** The count by which its words are dated, when it answered. */
run_us?: number,
/** How far the capture times may be from that clock, in µs; absent: the director's clock is not known. */
capture_error_us: number | null, } | { "type": "draining",
/** In how many ms at the latest. */
within_ms: number,
/** Whether another server takes whoever comes: a page comes again, at a moment of its own within that time. */
elsewhere: boolean, } | { "type": "bye",
/** Why, and what to do. */
problem: Problem, };

/** A measure over the viewers of one second. */
export type Spread = {
/** Half of them fare better. */
median: number,
/** Nobody fares worse. */
worst: number, };

/** How many viewers have which layer. */
export type LayerCounts = {
/** High. */
high: number,
/** Low. */
low: number,
/** None yet. */
waiting: number, };

/** A layer's push in one second. */
export type QualityPush = {
/** Which. */
layer: Layer,
/** What arrived, headers and repetitions included. */
bitrate: Bitrate,
/** Round trip between encoder and server. */
rtt_ms: number,
/** Share of packets that were missing at first, 0 to 1. */
loss: number,
/** Packets that came as repetitions. */
repeated: number,
/** Packets that never came: the picture was damaged. */
dropped: number,
/** From capture to arrival at the server; none where the encoder does not stamp its pictures. */
delay_ms: number | null, };

/** One second of a session. */
export type QualitySecond = {
/** Its end, Unix time in ms. */
at_ms: number,
/** Viewers by layer. */
viewers: LayerCounts,
/** Share of packets lost on the way to viewers, 0 to 1; none while no viewer has reported. */
loss: Spread | null,
/** Round trip to viewers; none while no viewer has reported. */
rtt_ms: Spread | null,
/** The pushes that run, the high layer's first. */
pushes: Array<QualityPush>, };

/** A viewer's layer changed, or the reason for it (`from` is `to` then). */
export type QualitySwitch = {
/** Unix time in ms. */
at_ms: number,
/** The viewer session. */
viewer: ViewerId,
/** Whose. */
participant: ParticipantId,
/** As they named themselves; may be empty. */
name: string,
/** What it had; none at its first picture. */
from: Layer | null,
/** What it has. */
to: Layer,
/** Why. */
reason: LayerReason, };

/** How a viewer session fares. */
export type QualityViewer = {
/** The viewer session. */
viewer: ViewerId,
/** Whose. */
participant: ParticipantId,
/** As they named themselves; may be empty. */
name: string,
/** As what. */
role: Role,
/** The layer it has; none before its first picture. */
layer: Layer | null,
/** Why. */
reason: LayerReason,
/** For how long it has been so. */
for_ms: number,
/** Share of packets lost over the last second, 0 to 1; none until it reported. */
loss: number | null,
/** Round trip; none until it reported. */
rtt_ms: number | null,
/** What its network carries, as estimated; none while unknown. */
bandwidth: Bitrate | null, };

/** What the cloud says to a quality page. */
export type QualityToPage = { "type": "history",
/** The session. */
session: SessionSummary,
/** Up to ten minutes, oldest first. */
seconds: Array<QualitySecond>,
/** The newest two hundred, oldest first. */
switches: Array<QualitySwitch>, } | { "type": "second",
/** How it was. */
second: QualitySecond,
/** The viewers, those that fare worst first. */
viewers: Array<QualityViewer>,
/** Further viewers, who fare better than those. */
more: number, } | { "type": "switched",
/** How. */
switch: QualitySwitch, } | { "type": "bye",
/** Why, and what to do. */
problem: Problem, };

/** How a layer arrives. */
export type IngestState = { "state": "receiving",
/** What they go on without, and what to do: sound in another codec, packets lost on the way. */
problems: Array<Problem>, } | { "state": "absent" } | { "state": "refused",
/** Why, and what to do. */
problem: Problem, };

/** One page among those that are or were connected to a session; never used again while the server runs. Two phones
 * of one operator are two pages. */
export type PageNumber = number;

/** A page of a camera operator as the director sees it. */
export type OperatorPresence = {
/** Who. */
participant: ParticipantId,
/** As they named themselves. */
name: string,
/** The tally light they follow. */
camera: CameraNumber | null,
/** The camera number that they asked another to give up, until somebody has decided. */
asks: CameraNumber | null,
/** What their page said last that it shows; absent until it said so. */
shows: Tally | null,
/** How late the picture was on their screen when it was last said; absent where nobody can say. */
delay: Delay | null,
/** What their phone can do now; absent until it said so. */
readiness: Readiness | null,
/** What they say of their own accord. */
signal: Signal | null,
/** What they said to the newest cue that they answered, while it stands. */
answered: Answered | null, };

/** What a page shows: said once it is on the screen, not when it was heard. */
export type Acknowledgement = {
/** Which page. */
page: PageNumber,
/** The tally light it follows. */
camera: CameraNumber,
/** Which director run the word was of. */
epoch: Epoch,
/** Which word. */
seq: TallySequence,
/** What is on the screen. */
tally: Tally, };

/** What the director's machine says. */
export type DirectorToCloud = { "type": "hello",
/** [`crate::PROTOCOL_VERSION`] of the sender. */
protocol: number,
/** Opens the socket. */
ticket?: SocketTicket,
/** Name and version, for the log. */
software: string,
/** The run, from the publish grant; an older one than the newest heard is refused. */
epoch: Epoch, } | { "type": "tally",
/** All of it. */
state: TallyState,
/** When it was said: µs of a count that began with this machine's program and never jumps. */
run_us?: number, } | { "type": "cues",
/** All of it. */
sheet: CueSheet, } | { "type": "lan_answer",
/** Which page. */
page: PageNumber,
/** What. */
answer: LanAnswer, } | { "type": "clock",
/** As asked. */
n: number,
/** The clock that stamps the pictures: Unix time in µs. */
unix_us: number,
/** The count by which words are dated, read after the question was. */
run_us?: number, };

/** What the cloud says to the director's machine. */
export type CloudToDirector = { "type": "welcome",
/** [`crate::PROTOCOL_VERSION`] of the cloud. */
protocol: number,
/** Name and version, for the log. */
software: string,
/** The session. */
session: SessionSummary, } | { "type": "keyframe_request",
/** Which layer. */
layer: Layer, } | { "type": "ingest",
/** Which layer. */
layer: Layer,
/** How. */
ingest: IngestState, } | { "type": "operator",
/** Which. */
page: PageNumber,
/** Absent: it is gone. */
presence: OperatorPresence | null, } | { "type": "viewers",
/** So many. */
viewers: number, } | { "type": "shown",
/** At most 100, each page once. */
shown: Array<Acknowledgement>, } | { "type": "delay",
/** On which page. */
page: PageNumber,
/** Absent: nobody can say any more. */
delay: Delay | null, } | { "type": "lan_offer",
/** Which page. */
page: PageNumber,
/** Its side. */
offer: LanOffer, } | { "type": "clock_request",
/** Comes back in the answer. */
n: number,
/** How far the cloud takes that clock to be ahead of its own, in µs, by the answers so far; negative: behind.
 * By this it lays capture times onto its own. Absent: it does not know yet. */
ahead_us?: number | null, } | { "type": "bye",
/** Why, and what to do. */
problem: Problem, };

/** The name of a secret that stays on each machine, in its keyring or a file; the secret itself is in no show. */
export type SecretRef = {
/** Letters, digits, `-`, `_` and `.`; at most 64. */
secret: string, };

/** Where a source's picture comes from. */
export type SourceInput = { "kind": "test", } | { "kind": "file",
/** On the machine that runs the show. */
path: string, } | { "kind": "v4l2",
/** As in `/dev/video0`. */
device: string, } | { "kind": "ndi",
/** `MACHINE (NAME)`. */
name: string, } | { "kind": "ndi_address",
/** As in `192.168.1.20:5961`. */
address: string, };

/** A source of the switcher. Its place in the list, counted from 1, is its key. */
export type ShowSource = {
/** As the director calls it; empty: as its input is called. */
name: string,
/** Which camera it carries; absent: none, as a graphic or a clip. */
camera?: CameraNumber,
/** Where its picture comes from. */
input: SourceInput, };

/** Who cuts. */
export type ProgrammeMode = { "mode": "own", } | { "mode": "beside",
/** The source that carries its programme, counted from 1. */
source: number, };

/** Version of TSL UMD. */
export type TslVersion = "3.1" | "5.0";

/** How TSL UMD comes. */
export type TslTransport = "udp" | "tcp";

/** What a switcher is. */
export type SwitcherProtocol = { "kind": "vmix", } | { "kind": "obs",
/** Where it wants one. */
password?: SecretRef, } | { "kind": "atem", } | { "kind": "tsl",
/** Absent: told from the bytes. */
version?: TslVersion,
/** How it comes. */
transport: TslTransport,
/** Of 5.0: only this screen; absent: all. */
screen?: number,
/** Which tally, 1 to 4, means programme; absent: as the sender's protocol usually has it. */
programme?: number,
/** Which tally, 1 to 4, means preview. */
preview?: number,
/** Displays whose tallies mean something of their own. */
displays?: Array<TslDisplay>,
/** After how many seconds of silence it counts as lost; absent: never. */
silence_s?: number, };

/** A display of TSL UMD whose tallies are its own. */
export type TslDisplay = {
/** Its address (3.1) or index (5.0). */
display: number,
/** Which tally means programme: 1 to 4 of 3.1; of 5.0 the left, text and right lamp from 1. */
programme: number,
/** Which means preview; the same as programme: by its colour (5.0). */
preview: number, };

/** A foreign switcher. */
export type ShowSwitcher = {
/** In reasons and in cameras' feeds: letters, digits, `-` and `_`; no two alike. */
name: string,
/** Its host; of TSL the address of ours to listen on. */
host: string,
/** Absent: the one that is usual for its kind; TSL has none. */
port?: number,
/** What it is. */
protocol: SwitcherProtocol, };

/** An input of a switcher. */
export type ShowLink = {
/** A name of `switchers`, or `ReturnFeed` for our own. */
switcher: string,
/** Its number, or its name. */
input: string, };

/** One way of a camera's picture to the air: on air only while every link is. */
export type ShowFeed = {
/** The input that carries the camera, then the inputs of switchers further on; 1 to 8. */
links: Array<ShowLink>, };

/** A camera. */
export type ShowCamera = {
/** As painted on it; each number once. */
camera: CameraNumber,
/** As its operator reads it; empty: *Camera n*. */
name: string,
/** Any of these puts it on air, beside the source that carries it; at most 16. */
feeds: Array<ShowFeed>, };

/** What GREEN means. */
export type ShowGreen = "preview" | "every_other";

/** Where an output goes. */
export type OutputTarget = { "kind": "srt",
/** Its host. */
host: string,
/** Its UDP port. */
port: number,
/** As the server wants it. */
stream_id: string,
/** Of the key exchange. */
passphrase: SecretRef,
/** Absent: 20. */
latency_ms?: number, };

/** A place where the programme goes when it does not go to a session of the cloud. */
export type ShowOutput = {
/** As the director calls it. */
name: string,
/** Which layer; each at most once. */
layer: Layer,
/** Where to. */
target: OutputTarget, };

/** How the programme is encoded. What is absent is chosen by the machine that runs the show. */
export type ShowQuality = {
/** The encoder element to try first; the others follow if it does not work. */
encoder?: string,
/** Video of the high layer: 100 000 to 20 000 000 bit/s. */
high_bitrate?: Bitrate,
/** Video of the low layer: 20 000 to 5 000 000 bit/s. */
low_bitrate?: Bitrate, };

/** A director's document. */
export type Show = {
/** [`SHOW_VERSION`] of the program that wrote it; also what tells a show from any other JSON. */
returnfeed_show: number,
/** Shown in the list of shows; 1 to [`SHOW_NAME_LONGEST`] characters. */
name: string,
/** Who cuts. */
programme: ProgrammeMode,
/** In the order of their keys; at most 99. */
sources: Array<ShowSource>,
/** Foreign switchers whose tally is heard; at most 16. */
switchers: Array<ShowSwitcher>,
/** Names of cameras, and by which inputs they go on air; at most 99. */
cameras: Array<ShowCamera>,
/** What GREEN means. */
green: ShowGreen,
/** Where the programme goes besides a session of the cloud; at most 8. */
outputs: Array<ShowOutput>,
/** Action → key, as `KeyboardEvent.code` with modifiers in front (`Shift+Digit1`); at most 256. */
keys: { [key in string]: string },
/** How the programme is encoded. */
quality: ShowQuality, };

/** SHA-256 of a show's text, byte for byte: 64 hexadecimal digits. Two texts of one digest are one edit. */
export type ShowDigest = string;

/** A show as the cloud has it now: in the list, and in answer to whatever changes it. */
export type ShowEntry = {
/** Which. */
id: ShowId,
/** Its name, or the one that it had when it was deleted. */
name: string,
/** Counts from 1 by each save, deletion and restoration. */
version: number,
/** Of its text; absent: it is deleted. */
digest?: ShowDigest,
/** For `If-Match`; absent: it is deleted. */
etag?: string,
/** Unix time in ms. */
updated_at: number, };

/** One version of a show that the cloud keeps. */
export type ShowPast = {
/** Which. */
version: number,
/** Of its text. */
digest: ShowDigest,
/** The name that the show had. */
name: string,
/** What the machine calls itself that saved it; may be empty. */
machine: string,
/** Unix time in ms. */
saved_at: number, };

/** `GET /api/shows/{id}/versions`: where a show stands, and how it came there. */
export type ShowHistory = {
/** As it is now. */
now: ShowEntry,
/** The last versions, the newest first. */
versions: Array<ShowPast>, };
