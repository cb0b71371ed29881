//! Certificates of an authority, obtained from a real ACME server: pebble, with name servers that it alone asks.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use returnfeed_cloud::config::{Certificate, Config};
use returnfeed_cloud::tls::{Acme, AcmeChallenge};
use tempfile::TempDir;

use crate::authority::{Pebble, Running, free_port};
use crate::cloud::{Cloud, config};
use crate::picture::until;

const NAME: &str = "feed.example";
const DAY_S: u64 = 86_400;

/// A server that asks pebble, which does not run yet.
struct House {
    cloud: Cloud,
    http: u16,
}

impl House {
    async fn start(pebble: &Pebble, challenge: AcmeChallenge) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), pebble, challenge).await
    }

    async fn start_in(dir: TempDir, pebble: &Pebble, challenge: AcmeChallenge) -> Self {
        Self::start_at(dir, pebble, challenge, 0).await
    }

    /// The same at this port of HTTPS, which the authority was told to look at.
    async fn start_at(dir: TempDir, pebble: &Pebble, challenge: AcmeChallenge, https: u16) -> Self {
        let http = free_port();
        let mut config: Config = config(dir.path());
        config.https.set_port(https);
        config.public_names = vec![NAME.to_owned()];
        config.web.http = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, http)));
        config.certificate = Certificate::Acme(Acme {
            names: vec![NAME.to_owned()],
            contact: Some("host@example.org".to_owned()),
            directory: pebble.directory(),
            authority: Some(pebble.root()),
            challenge,
            dns_hook: Some(pebble.dns_hook()),
            retry: Duration::from_millis(200),
        });
        Self { cloud: Cloud::start_with(dir, &config).await, http }
    }

    /// The authority and the name servers that it asks.
    fn run(&self, pebble: &Pebble, lives_s: u64) -> [Running; 2] {
        [pebble.run_names(), pebble.run(self.http, self.cloud.server.ready().https_port, lives_s)]
    }

    /// What somebody sees who comes by the name and trusts that authority alone.
    async fn seen(&self, root: &[u8]) -> Option<Seen> {
        let port = self.cloud.server.ready().https_port;
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(root).unwrap()])
            .tls_info(true)
            .resolve(NAME, (Ipv4Addr::LOCALHOST, port).into());
        let asked = client.build().unwrap().get(format!("https://{NAME}:{port}/healthz")).send().await;
        let answer = asked.ok()?;
        let tls = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
        Some(Seen {
            certificate: tls.peer_certificate().unwrap().to_vec(),
            strict: answer.headers().contains_key("strict-transport-security"),
        })
    }

    async fn waits_for_a_certificate(&self, root: &[u8]) -> Seen {
        until("the authority's certificate is in use", async || self.seen(root).await.is_some()).await;
        self.seen(root).await.unwrap()
    }
}

struct Seen {
    certificate: Vec<u8>,
    strict: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_away_hinders_no_start_and_is_asked_until_it_is_there() {
    let pebble = Pebble::new();
    let house = House::start(&pebble, AcmeChallenge::Http01).await;
    let own = std::fs::read(&house.cloud.server.ready().cert_path).unwrap();
    let answer = house.cloud.client.get("/healthz", None).await;
    assert!(
        !answer.headers().contains_key("strict-transport-security"),
        "our own certificate: come by HTTP too"
    );

    let _running = house.run(&pebble, 90 * DAY_S);
    let root = pebble.issues_under().await;
    let seen = house.waits_for_a_certificate(&root).await;
    assert!(seen.strict, "the name is public and somebody vouches for it");
    assert!(house.seen(&own).await.is_none(), "the self-signed one is not presented any more");

    let data = house.cloud.dir.path().join("data");
    for secret in ["acme-account.json", "acme-certificate-key.pem"] {
        let mode = std::fs::metadata(data.join(secret)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_proven_by_http_by_tls_and_by_dns() {
    for challenge in [AcmeChallenge::Http01, AcmeChallenge::TlsAlpn01, AcmeChallenge::Dns01] {
        let pebble = Pebble::new();
        let house = House::start(&pebble, challenge).await;
        let running = house.run(&pebble, 90 * DAY_S);
        let root = pebble.issues_under().await;
        let seen = house.waits_for_a_certificate(&root).await;
        let notes = std::fs::read_to_string(pebble.dns_notes()).unwrap_or_default();
        let wanted = match challenge {
            AcmeChallenge::Dns01 => "set _acme-challenge.feed.example\nclear _acme-challenge.feed.example\n",
            AcmeChallenge::Http01 | AcmeChallenge::TlsAlpn01 => "",
        };
        assert_eq!(notes, wanted, "{challenge:?}: a record is put, taken away again, and only for DNS-01");

        drop(running);
        let Cloud { server, dir, .. } = house.cloud;
        server.stop().await;
        let again = House::start_in(dir, &pebble, challenge).await;
        let kept = again.seen(&root).await.map(|seen| seen.certificate);
        assert_eq!(kept, Some(seen.certificate), "{challenge:?}: a restart needs no authority");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_used_again_and_one_that_the_authority_lost_is_made_anew() {
    let pebble = Pebble::new();
    let mut house = House::start(&pebble, AcmeChallenge::TlsAlpn01).await;
    let mut accounts = Vec::new();
    let mut running: Option<[Running; 2]> = None;
    for keeps_its_authority in [false, true, false] {
        let data = house.cloud.dir.path().join("data");
        if !accounts.is_empty() {
            std::fs::remove_file(data.join("acme-certificate.pem")).unwrap();
            if !keeps_its_authority {
                running = None;
            }
            let Cloud { server, dir, .. } = house.cloud;
            let port = server.ready().https_port;
            server.stop().await;
            house = House::start_at(dir, &pebble, AcmeChallenge::TlsAlpn01, port).await;
        }
        let _authority = running.get_or_insert_with(|| house.run(&pebble, 90 * DAY_S));
        let root = pebble.issues_under().await;
        house.waits_for_a_certificate(&root).await;
        accounts.push(std::fs::read_to_string(data.join("acme-account.json")).unwrap());
    }
    assert!(accounts[0] == accounts[1] && accounts[1] != accounts[2], "{accounts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_before_it_ends() {
    let pebble = Pebble::new();
    let house = House::start(&pebble, AcmeChallenge::TlsAlpn01).await;
    let _running = house.run(&pebble, 18);
    let root = pebble.issues_under().await;
    let first = house.waits_for_a_certificate(&root).await.certificate;
    until("another one is in use", async || {
        let seen = house.seen(&root).await.expect("there is a good one at each moment");
        seen.certificate != first
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_authority_cannot_see_changes_nothing_and_is_asked_for_again() {
    let pebble = Pebble::new();
    let _names = pebble.run_names();
    pebble.lose(&format!("_acme-challenge.{NAME}")).await;
    let [http, https] = [free_port(), free_port()]; // for DNS-01 it looks at neither
    let _authority = pebble.run(http, https, 90 * DAY_S);
    pebble.issues_under().await;
    let house = House::start(&pebble, AcmeChallenge::Dns01).await;
    let own = house.cloud.server.ready().cert_path.clone();
    let asked = || std::fs::read_to_string(pebble.dns_notes()).unwrap_or_default().matches("clear").count();
    until("it was asked for twice, and each record was taken away", async || asked() >= 2).await;
    house.cloud.client.get("/healthz", None).await;
    assert_eq!(house.cloud.server.ready().cert_path, own, "the self-signed one stays");
    assert!(!house.cloud.dir.path().join("data/acme-certificate.pem").exists());
}
