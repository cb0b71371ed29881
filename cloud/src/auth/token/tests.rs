//! What opens nothing: each attack on a JWT that has a name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::*;

const USER: UserId = UserId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
const LOGIN: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);

fn pem() -> SecretString {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem().into()
}

fn tokens(clock: &Clock) -> Tokens {
    Tokens::new(&pem(), clock.clone()).unwrap()
}

fn session_token(tokens: &Tokens) -> SecretString {
    let session = SessionId::from_parts(1, [1; 10]);
    tokens.session(session, ParticipantId::from_parts(2, [2; 10]), Role::Camera, Layer::High).0
}

fn account_token(tokens: &Tokens) -> String {
    tokens.account(USER, LOGIN).0.expose_secret().to_owned()
}

/// A part of a token, read.
fn part(token: &str, n: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap()).unwrap()
}

/// The token with its header or its claims changed and signed by a key, as only who has the key can.
fn signed(key: &SecretString, header: &Value, claims: &Value) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", text(header), text(claims));
    let key = EncodingKey::from_ed_pem(key.expose_secret().as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_token_says_who_where_and_as_what() {
    let tokens = tokens(&Clock::default());
    let claims = tokens.read_session(session_token(&tokens).expose_secret()).unwrap();
    assert_eq!(claims.session, SessionId::from_parts(1, [1; 10]));
    assert_eq!(claims.participant, ParticipantId::from_parts(2, [2; 10]));
    assert_eq!((claims.role, claims.max_layer), (Role::Camera, Layer::High));
    let claims = tokens.read_account(&account_token(&tokens)).unwrap();
    assert_eq!((claims.user, claims.login), (USER, LOGIN));
}

#[test]
fn a_session_token_lives_a_day_and_an_account_token_ten_minutes() {
    let clock = Clock::default();
    let tokens = tokens(&clock);
    let (account, lives) = tokens.account(USER, LOGIN);
    let session = session_token(&tokens);
    assert_eq!(lives, 600);
    clock.advance(Duration::from_secs(601));
    assert_eq!(tokens.read_account(account.expose_secret()), Err(TokenError::Expired));
    assert!(tokens.read_session(session.expose_secret()).is_ok());
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(tokens.read_session(session.expose_secret()), Err(TokenError::Expired));
}

#[test]
fn a_token_of_one_kind_does_not_open_what_the_other_opens() {
    let tokens = tokens(&Clock::default());
    assert_eq!(tokens.read_session(&account_token(&tokens)), Err(TokenError::Invalid));
    assert_eq!(tokens.read_account(session_token(&tokens).expose_secret()), Err(TokenError::Invalid));
}

/// Each is signed with the right key: what refuses them is the rule alone.
#[test]
fn a_signed_token_with_one_thing_wrong_is_refused() {
    let key = pem();
    let tokens = Tokens::new(&key, Clock::default()).unwrap();
    let good = account_token(&tokens);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    assert!(tokens.read_account(&signed(&key, &header, &claims)).is_ok(), "what is changed below is good");

    let changed = |value: &Value, name: &str, to: Value| {
        let mut changed = value.clone();
        changed[name] = to;
        changed
    };
    for (name, to) in [
        ("typ", json!("session+jwt")),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("kid", json!("0000000000000000")),
        ("kid", json!("../../token-key.pem")),
        ("kid", Value::Null),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("none")),
    ] {
        let token = signed(&key, &changed(&header, name, to.clone()), &claims);
        assert_eq!(tokens.read_account(&token), Err(TokenError::Invalid), "header {name} {to}");
    }
    for (name, to) in [
        ("aud", json!("session")),
        ("aud", json!("")),
        ("iss", json!("somebody else")),
        ("sub", json!("not an id")),
        ("login", json!("not an id")),
        ("exp", json!("9999999999")),
        ("exp", json!(-1)),
        ("exp", json!(1.5e300)),
        ("exp", json!([4_000_000_000_u64])),
        ("exp", Value::Null),
        ("iat", json!("yesterday")),
    ] {
        let token = signed(&key, &header, &changed(&claims, name, to.clone()));
        assert_eq!(tokens.read_account(&token), Err(TokenError::Invalid), "claim {name} {to}");
    }
    for name in ["iss", "aud", "sub", "login", "iat", "exp"] {
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(name);
        let token = signed(&key, &header, &without);
        assert_eq!(tokens.read_account(&token), Err(TokenError::Invalid), "without {name}");
    }
    let ended = changed(&claims, "exp", json!(1_700_000_000));
    assert_eq!(tokens.read_account(&signed(&key, &header, &ended)), Err(TokenError::Expired));
}

#[test]
fn an_unsigned_token_another_key_and_a_changed_claim_are_refused() {
    let key = pem();
    let tokens = Tokens::new(&key, Clock::default()).unwrap();
    let good = account_token(&tokens);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    assert_eq!(tokens.read_account(&signed(&pem(), &header, &claims)), Err(TokenError::Invalid));

    let parts: Vec<_> = good.split('.').collect();
    let none = URL_SAFE_NO_PAD
        .encode(json!({ "alg": "none", "typ": "account+jwt", "kid": header["kid"] }).to_string());
    for unsigned in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(tokens.read_account(&unsigned), Err(TokenError::Invalid), "{unsigned}");
    }

    // A header that brings its own key, or says where one is: our key alone is asked (RFC 8725 3.10).
    let theirs = pem();
    for (name, value) in [
        (
            "jwk",
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
        ),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/chain.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let mut brings = header.clone();
        brings[name] = value;
        let token = signed(&theirs, &brings, &claims);
        assert_eq!(tokens.read_account(&token), Err(TokenError::Invalid), "{name}");
    }

    // The public half of the key as the secret of an HMAC: the oldest trick.
    let public = rcgen::KeyPair::from_pem(key.expose_secret()).unwrap().public_key_pem();
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.typ = Some("account+jwt".to_owned());
    symmetric.kid = header["kid"].as_str().map(str::to_owned);
    let token = encode(&symmetric, &claims, &EncodingKey::from_secret(public.as_bytes())).unwrap();
    assert_eq!(tokens.read_account(&token), Err(TokenError::Invalid));

    let mut changed = claims.clone();
    changed["sub"] = json!(UserId::from_parts(9, [9; 10]).to_string());
    let changed = URL_SAFE_NO_PAD.encode(changed.to_string());
    assert_eq!(
        tokens.read_account(&format!("{}.{changed}.{}", parts[0], parts[2])),
        Err(TokenError::Invalid)
    );
}

#[test]
fn a_key_that_was_followed_verifies_until_it_is_forgotten_and_signs_no_more() {
    let (first, second) = (pem(), pem());
    let tokens = Tokens::new(&first, Clock::default()).unwrap();
    let early = account_token(&tokens);
    tokens.set_keys(Keys::new(&second, std::slice::from_ref(&first)).unwrap());
    let late = account_token(&tokens);
    assert_ne!(part(&early, 0)["kid"], part(&late, 0)["kid"]);
    assert!(tokens.read_account(&early).is_ok() && tokens.read_account(&late).is_ok());
    tokens.set_keys(Keys::new(&second, &[]).unwrap());
    assert_eq!(tokens.read_account(&early), Err(TokenError::Invalid));
    assert!(tokens.read_account(&late).is_ok());
}

#[test]
fn nonsense_is_refused() {
    let tokens = tokens(&Clock::default());
    for nonsense in ["", ".", "a.b.c", "\u{ac00}", "eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(tokens.read_session(nonsense), Err(TokenError::Invalid), "{nonsense}");
    }
}
