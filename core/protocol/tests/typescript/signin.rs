//! Samples of what signing in says.

use returnfeed_protocol::{
    DesktopCode, DesktopLogin, DesktopRequest, Registration, SignInAddress, SignInBegin, SignInFinish,
    SignInOffer, SignInProvider,
};

use super::samples::{Sample, sample};

pub(crate) fn signin() -> Vec<Sample> {
    let provider = SignInProvider { name: "Google".into(), origin: "https://live.example.org".into() };
    let offer = SignInOffer { set_up: true, registration: Registration::Invite, provider: Some(provider) };
    let address = "https://accounts.google.com/o/oauth2/v2/auth?client_id=us&code_challenge_method=S256";
    vec![
        sample("http.sign_in_offer", "SignInOffer", &offer),
        sample("http.sign_in_begin", "SignInBegin", &SignInBegin { invite: Some("q7Zt4m".into()) }),
        sample("http.sign_in_address", "SignInAddress", &SignInAddress { address: address.into() }),
        sample(
            "http.sign_in_finish",
            "SignInFinish",
            &SignInFinish {
                waiting: "p0Vd2w".into(),
                password: Some("correct horse".into()),
                code: Some("287082".into()),
            },
        ),
        sample(
            "http.desktop_request",
            "DesktopRequest",
            &DesktopRequest { challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into() },
        ),
        sample("http.desktop_code", "DesktopCode", &DesktopCode { code: "R8kU2f".into() }),
        sample(
            "http.desktop_login",
            "DesktopLogin",
            &DesktopLogin {
                code: "R8kU2f".into(),
                verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
            },
        ),
    ]
}
