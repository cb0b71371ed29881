//! `setup`: from an installed package to a link that can be handed out.
//!
//! It refuses to overwrite settings without keeping them, to write any that the server would not start with, and to say
//! that something runs before it has answered. What it asks on a terminal is a flag elsewhere.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use toml::{Table, Value};

use super::SETTINGS;
use crate::config::Settings;
use crate::tls::{self, AcmeChallenge};

const UNIT: &str = "returnfeed-cloud.service";
/// systemd manages this machine (sd_booted(3)).
const SYSTEMD: &str = "/run/systemd/system";

#[derive(Debug, clap::Args)]
pub(super) struct Setup {
    /// Name by which people reach this server, such as live.example.org
    #[arg(long, value_name = "NAME", conflicts_with = "lan")]
    name: Option<String>,
    /// For this network alone, by its addresses
    #[arg(long)]
    lan: bool,
    /// Address that viewers reach this machine by, where it is not one of its own (1:1 NAT); repeatable
    #[arg(long, value_name = "IP")]
    public_address: Vec<std::net::IpAddr>,
    /// Where the certificate comes from [default: self-signed]
    #[arg(long, value_name = "WHERE", value_enum)]
    certificate: Option<Source>,
    /// Certificate chain in PEM, for --certificate files
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Its private key in PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// How the authority sees that the name is ours, for --certificate acme [default: http-01, at port 80]
    #[arg(long, value_name = "KIND", value_enum)]
    acme_challenge: Option<AcmeChallenge>,
    /// Program that puts and takes the record of dns-01
    #[arg(long, value_name = "PROGRAM")]
    acme_dns_hook: Option<PathBuf>,
    /// E-mail that the authority writes to
    #[arg(long, value_name = "EMAIL")]
    acme_contact: Option<String>,
    /// E-mail of the first administrator
    #[arg(long, value_name = "EMAIL")]
    admin_email: Option<String>,
    /// Their name
    #[arg(long, value_name = "NAME")]
    admin_name: Option<String>,
    /// Read their password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Where accounts, sessions and keys live [default: /var/lib/returnfeed]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The settings that are written
    #[arg(long, value_name = "FILE", default_value = SETTINGS)]
    config: PathBuf,
    /// User that the server runs as, who must own the data
    #[arg(long, value_name = "USER", default_value = "returnfeed")]
    user: String,
    /// Write the settings and make the administrator, but start nothing
    #[arg(long)]
    no_start: bool,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    /// The server gets one of an authority (Let's Encrypt) and renews it; it needs a public name.
    Acme,
    /// The server makes one; each phone warns once.
    SelfSigned,
    /// Two files in PEM, which somebody renews.
    Files,
}

/// What was asked for, whole.
#[derive(Debug, Clone)]
struct Answers {
    name: Option<String>,
    addresses: Vec<std::net::IpAddr>,
    certificate: Chosen,
    data_dir: PathBuf,
}

/// Where the certificate comes from, with what that takes.
#[derive(Debug, Clone)]
enum Chosen {
    SelfSigned,
    Files { chain: PathBuf, key: PathBuf },
    Acme { challenge: AcmeChallenge, contact: Option<String>, dns_hook: Option<PathBuf> },
}

impl Setup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let answers = self.answers(asks)?;
        let owner = owner(&self.user)?;
        let settings = settings(&answers);
        check(&self.config, &settings)?;
        let kept = write(&self.config, &settings, owner)?;
        println!("The settings are in {}.", self.config.display());
        if let Some(kept) = kept {
            println!("Those of before are in {}.", kept.display());
        }
        make_data_dir(&answers.data_dir, owner)?;
        self.administrator(asks)?;
        let runs = !self.no_start && start()?;
        let link = link(&answers);
        if runs {
            println!("The server runs, and starts by itself after a reboot. Open {link}");
        } else {
            let user = &self.user;
            println!(
                "Nothing was started. By hand: runuser -u {user} -- returnfeed-cloud serve --config {}",
                self.config.display()
            );
            println!("Then open {link}");
        }
        println!("Before the first show: returnfeed-cloud doctor --config {}", self.config.display());
        Ok(())
    }

    fn answers(&self, asks: bool) -> anyhow::Result<Answers> {
        let name = match (&self.name, self.lan) {
            (Some(name), _) => Some(name.clone()),
            (None, true) => None,
            (None, false) if asks => {
                let name = ask(
                    "Name by which people reach this server (empty: this network alone, by address)",
                    "",
                )?;
                Some(name).filter(|name| !name.is_empty())
            }
            (None, false) => bail!("say --name live.example.org, or --lan for this network alone"),
        };
        let certificate = self.certificate(name.is_some(), asks)?;
        let data_dir = match &self.data_dir {
            Some(dir) => dir.clone(),
            None if asks => ask("Where the data lies", "/var/lib/returnfeed")?.into(),
            None => "/var/lib/returnfeed".into(),
        };
        Ok(Answers { name, addresses: self.public_address.clone(), certificate, data_dir })
    }

    fn certificate(&self, has_name: bool, asks: bool) -> anyhow::Result<Chosen> {
        let source = match self.certificate {
            Some(source) => source,
            None if self.tls_cert.is_some() => Source::Files,
            None if self.acme_challenge.is_some() => Source::Acme,
            None if asks && has_name => {
                match ask("Certificate: acme (of Let's Encrypt), self-signed or files", "acme")?.as_str() {
                    "acme" => Source::Acme,
                    "self-signed" => Source::SelfSigned,
                    "files" => Source::Files,
                    other => bail!("\"{other}\" is neither acme nor self-signed nor files"),
                }
            }
            None => Source::SelfSigned,
        };
        let file = |given: &Option<PathBuf>, what: &str| match given {
            Some(path) => Ok(path.clone()),
            None if asks => ask(what, "").map(PathBuf::from),
            None => bail!("--certificate files needs --tls-cert and --tls-key"),
        };
        Ok(match source {
            Source::SelfSigned => Chosen::SelfSigned,
            Source::Files => Chosen::Files {
                chain: file(&self.tls_cert, "Certificate chain (PEM)")?,
                key: file(&self.tls_key, "Its private key (PEM)")?,
            },
            Source::Acme if !has_name => {
                bail!("--certificate acme needs --name: an authority vouches for a name")
            }
            Source::Acme => Chosen::Acme {
                challenge: self.acme_challenge.unwrap_or(AcmeChallenge::Http01),
                contact: match &self.acme_contact {
                    Some(contact) => Some(contact.clone()),
                    None if asks => Some(ask("E-mail that the authority writes to (empty: none)", "")?),
                    None => None,
                }
                .filter(|contact| !contact.is_empty()),
                dns_hook: self.acme_dns_hook.clone(),
            },
        })
    }

    /// By the server's own user, so that what is made belongs to it; an account that is there already is none of our
    /// business.
    fn administrator(&self, asks: bool) -> anyhow::Result<()> {
        let email = match &self.admin_email {
            Some(email) => email.clone(),
            None if asks => ask("E-mail of the first administrator (empty: later, on the page)", "")?,
            None => String::new(),
        };
        if email.is_empty() {
            let (user, file) = (&self.user, self.config.display());
            println!(
                "The first administrator: runuser -u {user} -- returnfeed-cloud account create --config {file} \
                 --email YOU@EXAMPLE.ORG --name YOU"
            );
            return Ok(());
        }
        let name = match &self.admin_name {
            Some(name) => name.clone(),
            None if asks => ask("Their name", &email)?,
            None => email.clone(),
        };
        let mut account = self.as_user();
        account.args(["account", "create", "--email", &email, "--name", &name, "--config"]).arg(&self.config);
        if self.password_stdin {
            account.arg("--password-stdin");
        }
        let made = account.status().context("the administrator cannot be made")?;
        if !made.success() {
            bail!("the administrator was not made; the line above says why, and setup can be run again");
        }
        Ok(())
    }

    /// This program, as the server's user where we are root.
    fn as_user(&self) -> Command {
        let program = std::env::current_exe().unwrap_or_else(|_| "returnfeed-cloud".into());
        if nix::unistd::geteuid().is_root() && self.user != "root" {
            let mut command = Command::new("runuser");
            command.args(["-u", &self.user, "--"]).arg(program);
            return command;
        }
        Command::new(program)
    }
}

/// One line; empty for what stands in brackets.
fn ask(what: &str, usual: &str) -> anyhow::Result<String> {
    let hint = if usual.is_empty() { String::new() } else { format!(" [{usual}]") };
    eprint!("{what}{hint}: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        bail!("nothing more was said; nothing is started");
    }
    let line = line.trim();
    Ok(if line.is_empty() { usual.to_owned() } else { line.to_owned() })
}

/// The server's user, where the package or somebody made one and we may give things away.
fn owner(user: &str) -> anyhow::Result<Option<(u32, u32)>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    let found = nix::unistd::User::from_name(user).context("the users of this machine cannot be read")?;
    let found = found
        .with_context(|| format!("there is no user {user}: the package makes it, or name one by --user"))?;
    Ok(Some((found.uid.as_raw(), found.gid.as_raw())))
}

fn settings(answers: &Answers) -> Table {
    let mut table = Table::new();
    let text = |path: &Path| Value::from(path.display().to_string());
    table.insert("data_dir".to_owned(), text(&answers.data_dir));
    table.insert("https_port".to_owned(), Value::from(443));
    table.insert("http_port".to_owned(), Value::from(80));
    table.insert("drain_seconds".to_owned(), Value::from(20));
    if let Some(name) = &answers.name {
        table.insert("public_name".to_owned(), Value::from(vec![name.clone()]));
        table.insert("public_url".to_owned(), Value::from(format!("https://{name}")));
    }
    if !answers.addresses.is_empty() {
        let addresses: Vec<_> = answers.addresses.iter().map(ToString::to_string).collect();
        table.insert("public_address".to_owned(), Value::from(addresses));
    }
    match &answers.certificate {
        Chosen::SelfSigned => {}
        Chosen::Files { chain, key } => {
            table.insert("tls_cert".to_owned(), text(chain));
            table.insert("tls_key".to_owned(), text(key));
        }
        Chosen::Acme { challenge, contact, dns_hook } => {
            table.insert("acme_challenge".to_owned(), Value::from(challenge.name()));
            if let Some(contact) = contact {
                table.insert("acme_contact".to_owned(), Value::from(contact.clone()));
            }
            if let Some(hook) = dns_hook {
                table.insert("acme_dns_hook".to_owned(), text(hook));
            }
        }
    }
    table
}

/// As the server will read them.
fn check(file: &Path, settings: &Table) -> anyhow::Result<()> {
    let settings: Settings = settings.clone().try_into().context("these settings cannot be")?;
    let config = settings.decide()?;
    if let crate::config::Certificate::Files { cert, key } = &config.certificate {
        tls::try_files(cert, key)?;
    }
    if file.parent().is_some_and(|folder| !folder.is_dir()) {
        bail!(
            "{} is in a folder that is not there; install the package, or name another file by --config",
            file.display()
        );
    }
    Ok(())
}

/// Readable by the server and writable by root alone; what stood there is kept.
fn write(file: &Path, settings: &Table, owner: Option<(u32, u32)>) -> anyhow::Result<Option<PathBuf>> {
    let cannot = || format!("cannot write {}", file.display());
    let text = format!(
        "# Written by `returnfeed-cloud setup`. All settings: returnfeed-cloud serve --help\n\n{settings}"
    );
    let kept = file.with_extension("toml.before-setup");
    let kept = match std::fs::read_to_string(file) {
        Ok(before) if before == text => return Ok(None),
        Ok(_) => {
            std::fs::copy(file, &kept).with_context(cannot)?;
            Some(kept)
        }
        Err(_) => None,
    };
    let draft = file.with_extension("toml.draft");
    std::fs::write(&draft, text).with_context(cannot)?;
    std::fs::set_permissions(&draft, PermissionsExt::from_mode(0o640)).with_context(cannot)?;
    if let Some((_, group)) = owner {
        chown(&draft, Some(0), Some(group)).with_context(cannot)?;
    }
    std::fs::rename(&draft, file).with_context(cannot)?;
    Ok(kept)
}

fn make_data_dir(dir: &Path, owner: Option<(u32, u32)>) -> anyhow::Result<()> {
    let cannot = || format!("cannot make {}", dir.display());
    std::fs::create_dir_all(dir).with_context(cannot)?;
    std::fs::set_permissions(dir, PermissionsExt::from_mode(0o700)).with_context(cannot)?;
    if let Some((user, group)) = owner
        && std::fs::metadata(dir).with_context(cannot)?.uid() != user
    {
        chown(dir, Some(user), Some(group)).with_context(cannot)?;
    }
    Ok(())
}

/// True once it runs: the unit is of the kind that says so itself.
fn start() -> anyhow::Result<bool> {
    if !Path::new(SYSTEMD).exists() {
        println!("systemd does not run here.");
        return Ok(false);
    }
    for arguments in [&["daemon-reload"][..], &["enable", UNIT], &["restart", UNIT]] {
        let done = Command::new("systemctl").args(arguments).stdin(Stdio::null()).status();
        if !done.context("systemctl cannot be run")?.success() {
            bail!("the server did not start; journalctl -u {UNIT} -n 20 says why");
        }
    }
    Ok(true)
}

fn link(answers: &Answers) -> String {
    let local = || tls::local_addresses().into_iter().find(|ip| ip.is_ipv4() && !ip.is_loopback());
    match (&answers.name, answers.addresses.first().copied().or_else(local)) {
        (Some(name), _) => format!("https://{name}/account/"),
        (None, Some(address)) => format!("https://{address}/account/"),
        (None, None) => "https://localhost/account/".to_owned(),
    }
}
