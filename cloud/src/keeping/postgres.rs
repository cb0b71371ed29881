//! PostgreSQL by its own programs, which know every kind of object that it holds.
//!
//! It refuses to put a password on a command line, which every user of the machine may read: it goes by the environment.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

use super::KeepingError;

/// Writes one moment of it into a file.
pub(super) async fn dump(options: &PgConnectOptions, to: &Path) -> Result<(), KeepingError> {
    let arguments = ["--format=custom", "--no-owner", "--no-privileges", "--file"].map(OsStr::new);
    run("pg_dump", options, &[&arguments[..], &[to.as_os_str()]].concat()).await
}

/// Puts what was written into an empty database: all of it, or nothing.
pub(super) async fn fill(options: &PgConnectOptions, from: &Path) -> Result<(), KeepingError> {
    let name = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    let arguments = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--dbname"];
    let arguments = arguments.map(OsStr::new);
    run("pg_restore", options, &[&arguments[..], &[OsStr::new(&name), from.as_os_str()]].concat()).await
}

async fn run(
    program: &'static str,
    options: &PgConnectOptions,
    arguments: &[&OsStr],
) -> Result<(), KeepingError> {
    let mut command = Command::new(path_of(program));
    command
        .args(arguments)
        .envs(environment(options))
        .arg("--no-password")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let done = command.output().await.map_err(|cause| KeepingError::NoProgram { program, cause })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(KeepingError::Program { program, said: said.to_owned() })
}

/// Whom to ask and as whom; what the settings leave out, the program finds as the server does.
fn environment(options: &PgConnectOptions) -> Vec<(&'static str, String)> {
    let host = options.get_socket().map(|socket| socket.display().to_string());
    let mut all = vec![
        ("PGHOST", host.unwrap_or_else(|| options.get_host().to_owned())),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", options.get_database().unwrap_or_else(|| options.get_username()).to_owned()),
    ];
    let url = options.to_url_lossy();
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" => all.push(("PGSSLMODE", value.into_owned())),
            "sslrootcert" => all.push(("PGSSLROOTCERT", value.into_owned())),
            _ => {}
        }
    }
    // As text it is percent-encoded; a query is the one place where the URL's own library decodes.
    if let Some(password) = url.password() {
        let mut decoded = url.clone();
        decoded.set_query(Some(&format!("p={}", password.replace('+', "%2B"))));
        let password = decoded.query_pairs().next().map(|(_, password)| password.into_owned());
        all.extend(password.map(|password| ("PGPASSWORD", password)));
    }
    all
}

/// Debian keeps them by version out of the way as well; the newest speaks to every older server.
fn path_of(program: &str) -> PathBuf {
    let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = versions.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort_by_key(version);
    let found = found.into_iter().rev().map(|path| path.join("bin").join(program));
    found.into_iter().find(|path| path.exists()).unwrap_or_else(|| program.into())
}

/// Whether the program is there at all, for whoever would wait for it.
pub(super) fn there(program: &'static str) -> Result<(), KeepingError> {
    let path = path_of(program);
    let on_path = || {
        let all = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&all).any(|folder| folder.join(program).exists())
    };
    if path.is_absolute() || on_path() {
        return Ok(());
    }
    Err(KeepingError::NoProgram { program, cause: io::ErrorKind::NotFound.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_by_the_environment_as_it_is() {
        let options: PgConnectOptions =
            "postgres://ada:p%40ss%20w%2Bord@db.example:5433/shows?sslmode=verify-full".parse().unwrap();
        let all = environment(&options);
        let of = |name: &str| all.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
        assert_eq!(of("PGPASSWORD"), Some("p@ss w+ord"));
        assert_eq!(
            [of("PGHOST"), of("PGPORT"), of("PGUSER")],
            [Some("db.example"), Some("5433"), Some("ada")]
        );
        assert_eq!([of("PGDATABASE"), of("PGSSLMODE")], [Some("shows"), Some("verify-full")]);
    }
}
