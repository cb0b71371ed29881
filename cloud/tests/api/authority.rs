//! Authorities for tests: one that signs at once, and a real ACME server (pebble) with name servers of its own.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;

/// Signs what it is asked to.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(crate) fn root(&self) -> String {
        self.issuer.pem()
    }

    /// Writes a certificate for a name and its key.
    pub(crate) fn issue(&self, name: &str, cert: &Path, key: &Path) {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Test server");
        let signed = params.signed_by(&pair, &self.issuer).unwrap();
        std::fs::write(key, pair.serialize_pem()).unwrap();
        std::fs::write(cert, signed.pem()).unwrap();
    }
}

/// Where pebble will be, and where it will look: all of it known before it runs.
pub(crate) struct Pebble {
    dir: TempDir,
    directory: u16,
    management: u16,
    names: u16,
    names_management: u16,
}

/// A program that ends with its test.
pub(crate) struct Running(Child);

impl Pebble {
    pub(crate) fn new() -> Self {
        // A test may ask it before a server has started, which is what sets the provider up; a second time is none.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let own = Authority::new();
        std::fs::write(dir.path().join("root.pem"), own.root()).unwrap();
        own.issue("localhost", &dir.path().join("cert.pem"), &dir.path().join("key.pem"));
        let [directory, management, names, names_management] = std::array::from_fn(|_| free_port());
        Self { dir, directory, management, names, names_management }
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.directory)
    }

    /// Whom to believe that it is pebble.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("root.pem")
    }

    /// Runs the name servers that it asks: every name is this machine.
    pub(crate) fn run_names(&self) -> Running {
        let loopback = |port: u16| format!("127.0.0.1:{port}");
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", ""]);
        names.args(["-tlsalpn01", "", "-dns01", &loopback(self.names)]);
        names.args(["-management", &loopback(self.names_management)]);
        Running::new(&mut names)
    }

    /// Runs it; it looks for proofs at these ports of this machine, and signs for this long.
    pub(crate) fn run(&self, http: u16, https: u16, lives_s: u64) -> Running {
        let path = |name: &str| self.dir.path().join(name);
        let loopback = |port: u16| format!("127.0.0.1:{port}");
        let config = json!({ "pebble": {
            "listenAddress": loopback(self.directory),
            "managementListenAddress": loopback(self.management),
            "certificate": path("cert.pem"),
            "privateKey": path("key.pem"),
            "httpPort": http,
            "tlsPort": https,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": lives_s,
        } });
        std::fs::write(path("pebble.json"), config.to_string()).unwrap();
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(path("pebble.json")).args(["-dnsserver", &loopback(self.names)]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1");
        Running::new(&mut pebble)
    }

    /// The root of what it signs: another one each time it runs.
    pub(crate) async fn issues_under(&self) -> Vec<u8> {
        let root = reqwest::Certificate::from_pem(&std::fs::read(self.root()).unwrap()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
        let address = format!("https://localhost:{}/roots/0", self.management);
        loop {
            if let Ok(answer) = client.get(&address).send().await {
                return answer.bytes().await.unwrap().to_vec();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// From now on nobody finds this name.
    pub(crate) async fn lose(&self, name: &str) {
        let address = format!("http://127.0.0.1:{}/set-servfail", self.names_management);
        let client = reqwest::Client::new();
        let lost = json!({ "host": format!("{name}.") });
        while client.post(&address).json(&lost).send().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// A host's program for DNS-01, which also notes what it was asked to do.
    pub(crate) fn dns_hook(&self) -> PathBuf {
        let program = self.dir.path().join("hook");
        let text = HOOK.replace("PORT", &self.names_management.to_string());
        std::fs::write(&program, text.replace("NOTES", &self.dns_notes().display().to_string())).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        program
    }

    pub(crate) fn dns_notes(&self) -> PathBuf {
        self.dir.path().join("notes")
    }
}

const HOOK: &str = r#"#!/bin/bash
set -e
[ "$1" = set ] && what="set-txt" || what="clear-txt"
body="{\"host\":\"$2.\",\"value\":\"$3\"}"
exec 3<>/dev/tcp/127.0.0.1/PORT
printf 'POST /%s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' "$what" "${#body}" "$body" >&3
grep -q '200 OK' <&3
echo "$1 $2" >> NOTES
"#;

impl Running {
    fn new(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("the package pebble is installed"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended by itself
        let _ = self.0.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
