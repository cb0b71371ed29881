//! Which cloud, and who we are there.

use returnfeed_protocol::AccountSummary;
use secrecy::SecretString;

use super::cloud::{Account, Person};
use super::room::{Done, Room};
use crate::sentence::Sentence;
use crate::signin::{SignIn, open_browser};
use crate::sync::Offline;
use crate::uplink::{CloudUrl, Trust};
use crate::view;

impl Room {
    pub(super) fn cloud_address(&self) -> Option<(CloudUrl, Trust)> {
        let cloud = self.settings.cloud.as_ref()?.parse().ok()?;
        let trust = match &self.settings.fingerprint {
            Some(fingerprint) => fingerprint.parse().ok()?,
            None => Trust::System,
        };
        Some((cloud, trust))
    }

    pub(super) fn draw_cloud(&self) {
        let (address, fingerprint) = (self.settings.cloud.clone(), self.settings.fingerprint.clone());
        self.draw(|view| (view.cloud.address, view.cloud.fingerprint) = (address, fingerprint));
    }

    pub(super) fn set_cloud(&mut self, address: &str, fingerprint: &str) {
        if self.is_on_air() {
            return self.refuse(Sentence::cloud_while_on_air());
        }
        let address = match address.trim() {
            bare if bare.contains("://") => bare.to_owned(),
            bare => format!("https://{bare}"),
        };
        let cloud = address.parse::<CloudUrl>().map_err(|error| error.to_string());
        let trust = match fingerprint.trim() {
            "" => Ok(None),
            text => text.parse::<Trust>().map(|_| Some(text.to_owned())).map_err(|error| error.to_string()),
        };
        match (cloud, trust) {
            (Ok(cloud), Ok(fingerprint)) => {
                let cloud = Some(cloud.to_string());
                if self.settings.cloud != cloud {
                    self.sign_out();
                    self.settings.sessions.clear();
                }
                (self.settings.cloud, self.settings.fingerprint) = (cloud, fingerprint);
                self.keep_settings();
                self.draw(|view| view.cloud.trouble = None);
                self.draw_cloud();
            }
            (Err(why), _) | (_, Err(why)) => self.refuse(why),
        }
    }

    pub(super) fn sign_in(&mut self, email: String, password: SecretString) {
        let Some((cloud, trust)) = self.cloud_address() else {
            return self.refuse(Sentence::no_cloud_address());
        };
        self.draw(|view| view.cloud.busy = true);
        let store = self.secrets.clone();
        self.asking = Some(self.tasks.spawn(async move {
            Done::SignedIn(Account::sign_in(cloud, &trust, store, email, password).await.map(Some))
        }));
    }

    /// In the system's browser, where passkeys, password managers and other providers are.
    pub(super) fn sign_in_by_browser(&mut self) {
        let Some((cloud, trust)) = self.cloud_address() else {
            return self.refuse(Sentence::no_cloud_address());
        };
        self.draw(|view| (view.account, view.cloud.trouble) = (view::Account::Browser, None));
        let store = self.secrets.clone();
        self.asking = Some(self.tasks.spawn(async move {
            let signed_in = async {
                let asked = SignIn::begin(cloud.clone(), &trust).await?;
                open_browser(&asked.address());
                asked.signed_in().await
            };
            let person = match signed_in.await {
                Ok(person) => Account::of_browser(cloud, &trust, store, person).await,
                Err(error) => Err(Offline(error.to_string())),
            };
            Done::SignedIn(person.map(Some))
        }));
    }

    /// Goes on as who was signed in last, where this machine keeps the login; asked again with the shows as long as the
    /// cloud does not answer.
    pub(super) fn go_on_as_before(&mut self) {
        let known = self.settings.email.is_some() && self.account.is_none();
        if !known || self.asking.as_ref().is_some_and(|asking| !asking.is_finished()) {
            return;
        }
        let Some((cloud, trust)) = self.cloud_address() else { return };
        let store = self.secrets.clone();
        let going_on = async move { Done::SignedIn(Account::go_on(cloud, &trust, store).await) };
        self.asking = Some(self.tasks.spawn(going_on));
    }

    pub(super) fn signed_in(&mut self, result: Result<Option<Person>, Offline>) {
        self.asking = None;
        // Not where a kept login goes on: then nobody waits for an answer, and the way is not to be filled unasked.
        let by_a_person = {
            let view = self.view.borrow();
            view.cloud.busy || view.account == view::Account::Browser
        };
        self.draw(|view| {
            view.cloud.busy = false;
            if view.account == view::Account::Browser {
                view.account = view::Account::Out;
            }
        });
        match result {
            Ok(Some(Person { account, summary: AccountSummary { name, email, .. }, kept })) => {
                self.account = Some(account);
                self.settings.email = Some(email.clone());
                self.keep_settings();
                let kept =
                    kept.inspect_err(|why| tracing::warn!(why, "the login ends with this program")).ok();
                self.draw(|view| {
                    view.cloud.trouble = None;
                    view.account = view::Account::In { name, email, kept };
                });
                self.go_back();
                self.sync();
                if by_a_person {
                    self.check();
                }
            }
            // The login is over: somebody signs in.
            Ok(None) => {
                self.settings.email = None;
                self.keep_settings();
            }
            Err(offline) => {
                let why = offline.to_string();
                self.draw(|view| view.cloud.trouble = Some(why.into()));
            }
        }
    }

    /// Nobody is signed in any more, and nobody is about to be.
    pub(super) fn sign_out(&mut self) {
        if self.is_on_air() {
            return self.refuse(Sentence::sign_out_while_on_air());
        }
        if let Some(asking) = self.asking.take() {
            asking.abort();
            self.draw(|view| view.cloud.busy = false);
        }
        self.forget_way();
        self.settings.email = None;
        self.keep_settings();
        if let Some(account) = self.account.take() {
            self.tasks.spawn(async move {
                account.sign_out().await;
                Done::Nothing
            });
        }
        self.draw(|view| (view.account, view.session) = (view::Account::Out, None));
    }
}
