//! Shows in the cloud: kept byte for byte, changed only where the one who changes knows what stands there.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use returnfeed_protocol::{SHOW_MAX_BYTES, Show, ShowEntry, ShowHistory, ShowId};

use crate::cloud::{Cloud, read, refused};

const OK: StatusCode = StatusCode::OK;

fn id(n: u8) -> ShowId {
    ShowId::from_parts(1_763_856_000_000, [n; 10])
}

fn path(n: u8) -> String {
    format!("/api/shows/{}", id(n))
}

fn text(name: &str) -> String {
    Show::new(name).to_text().unwrap()
}

/// One account's way to its shows.
struct Desk<'a> {
    cloud: &'a Cloud,
    token: String,
}

impl<'a> Desk<'a> {
    async fn of(cloud: &'a Cloud, email: &str) -> Self {
        Self { cloud, token: cloud.account(email).await }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.cloud.client.request(method, path, Some(&self.token))
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    async fn put(&self, n: u8, condition: (&str, &str), body: &str) -> Response {
        let request = self.ask(Method::PUT, &format!("{}?machine=Studio", path(n)));
        let request = request.header("content-type", "application/json").header(condition.0, condition.1);
        request.body(body.to_owned()).send().await.unwrap()
    }

    async fn make(&self, n: u8, body: &str) -> ShowEntry {
        read(self.put(n, ("if-none-match", "*"), body).await, StatusCode::CREATED).await
    }

    async fn delete(&self, n: u8, etag: &str) -> Response {
        self.ask(Method::DELETE, &path(n)).header("if-match", etag).send().await.unwrap()
    }

    async fn restore(&self, n: u8, version: u64, condition: (&str, &str)) -> Response {
        let path = format!("{}/versions/{version}/restore", path(n));
        self.ask(Method::POST, &path).header(condition.0, condition.1).send().await.unwrap()
    }

    async fn history(&self, n: u8) -> ShowHistory {
        read(self.get(&format!("{}/versions", path(n))).await, OK).await
    }

    async fn list(&self) -> Vec<ShowEntry> {
        read(self.get("/api/shows").await, OK).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_show_comes_back_as_it_was_saved_byte_for_byte() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let odd = "{ \"later\" : 2.50,\n \"name\":\"저녁\", \"returnfeed_show\":1 }";
    let made = desk.make(1, odd).await;
    assert_eq!((made.id, made.version, made.name.as_str()), (id(1), 1, "저녁"));
    let etag = made.etag.unwrap();
    let answer = desk.get(&path(1)).await;
    assert_eq!(answer.headers()["etag"], etag.as_str());
    assert_eq!(answer.text().await.unwrap(), odd);
    let again = desk.ask(Method::GET, &path(1)).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let version = desk.get(&format!("{}/versions/1", path(1))).await;
    assert_eq!(version.text().await.unwrap(), odd);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_knows_what_stands_there_changes_it() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let first = desk.make(1, &text("Sunday")).await.etag.unwrap();
    refused(desk.put(1, ("if-none-match", "*"), &text("Other")).await, 412, "show_changed").await;
    refused(desk.put(1, ("x-nothing", "*"), &text("Other")).await, 428, "if_match_missing").await;
    let second: ShowEntry = read(desk.put(1, ("if-match", &first), &text("Easter")).await, OK).await;
    assert_eq!(second.version, 2);
    refused(desk.put(1, ("if-match", &first), &text("Other")).await, 412, "show_changed").await;
    refused(desk.delete(1, &first).await, 412, "show_changed").await;
    refused(desk.put(2, ("if-match", &first), &text("Other")).await, 412, "show_changed").await;
    let weak = format!("W/{}", second.etag.unwrap());
    refused(desk.put(1, ("if-match", &weak), &text("Other")).await, 412, "show_changed").await;
    assert_eq!(desk.get(&path(1)).await.text().await.unwrap(), text("Easter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_save_at_once_one_is_told() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let first = desk.make(1, &text("Sunday")).await.etag.unwrap();
    let bodies: Vec<String> = (0..8).map(|n| text(&format!("Edit {n}"))).collect();
    let saves = bodies.iter().map(|body| desk.put(1, ("if-match", &first), body));
    let answers = futures_util::future::join_all(saves).await;
    let done = answers.iter().filter(|answer| answer.status() == OK).count();
    let told = answers.iter().filter(|answer| answer.status() == StatusCode::PRECONDITION_FAILED).count();
    assert_eq!((done, told), (1, 7));
    assert_eq!(desk.history(1).await.now.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_show_is_told_to_every_machine_and_can_be_had_again() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let first = desk.make(1, &text("Sunday")).await.etag.unwrap();
    let gone: ShowEntry = read(desk.delete(1, &first).await, OK).await;
    assert_eq!((gone.version, gone.digest, gone.etag), (2, None, None));
    refused(desk.get(&path(1)).await, 404, "show_not_found").await;
    assert_eq!(desk.list().await.iter().map(|entry| entry.version).collect::<Vec<_>>(), [2]);
    refused(desk.restore(1, 1, ("if-match", &first)).await, 412, "show_changed").await;
    refused(desk.restore(1, 9, ("if-none-match", "*")).await, 404, "version_not_found").await;
    let back: ShowEntry = read(desk.restore(1, 1, ("if-none-match", "*")).await, OK).await;
    assert_eq!((back.version, back.name.as_str()), (3, "Sunday"));
    assert_eq!(desk.get(&path(1)).await.text().await.unwrap(), text("Sunday"));
    let written = cloud.server.app().store.audit_page(None, None).await.unwrap();
    let words = written.iter().map(|entry| entry.what.as_str());
    let words: Vec<&str> = words.filter(|what| what.starts_with("show.")).collect();
    assert_eq!(words, ["show.restored", "show.deleted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_fifty_versions_are_kept_with_who_saved_them() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let mut etag = desk.make(1, &text("Edit 1")).await.etag.unwrap();
    for n in 2..=53 {
        let saved = desk.put(1, ("if-match", &etag), &text(&format!("Edit {n}"))).await;
        etag = read::<ShowEntry>(saved, OK).await.etag.unwrap();
    }
    let history = desk.history(1).await;
    let versions: Vec<u64> = history.versions.iter().map(|past| past.version).collect();
    assert_eq!(versions, (4..=53).rev().collect::<Vec<u64>>());
    let newest = history.versions.first().unwrap();
    assert_eq!((newest.machine.as_str(), newest.name.as_str()), ("Studio", "Edit 53"));
    assert_eq!(Some(newest.digest), history.now.digest);
    refused(desk.get(&format!("{}/versions/3", path(1))).await, 404, "version_not_found").await;
    let restored: ShowEntry = read(desk.restore(1, 4, ("if-match", &etag)).await, OK).await;
    assert_eq!((restored.version, restored.name.as_str()), (54, "Edit 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_s_show_is_not_there_whatever_is_asked() {
    let cloud = Cloud::start().await;
    let ada = Desk::of(&cloud, "ada@example.org").await;
    let eve = Desk::of(&cloud, "eve@example.org").await;
    let etag = ada.make(1, &text("Sunday")).await.etag.unwrap();
    let found = |response| refused(response, 404, "show_not_found");
    found(eve.get(&path(1)).await).await;
    found(eve.put(1, ("if-match", &etag), &text("Mine")).await).await;
    found(eve.put(1, ("if-none-match", "*"), &text("Mine")).await).await;
    found(eve.delete(1, &etag).await).await;
    found(eve.get(&format!("{}/versions", path(1))).await).await;
    found(eve.get(&format!("{}/versions/1", path(1))).await).await;
    found(eve.restore(1, 1, ("if-match", "*")).await).await;
    assert!(eve.list().await.is_empty());
    assert_eq!(ada.get(&path(1)).await.text().await.unwrap(), text("Sunday"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_show_is_refused_in_a_sentence() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let put = async |body: &str| desk.put(1, ("if-none-match", "*"), body).await;
    let newer = refused(put(r#"{"returnfeed_show":2,"name":"Sunday"}"#).await, 422, "invalid_input").await;
    assert!(newer.detail.contains("update this program"), "{}", newer.detail);
    refused(put("{").await, 422, "invalid_input").await;
    refused(put(r#"{"name":"Sunday"}"#).await, 422, "invalid_input").await;
    refused(put("{\"returnfeed_show\":1,\"name\":\"a\\u0000b\"}").await, 422, "invalid_input").await;
    let long = format!(r#"{{"returnfeed_show":1,"name":"a","later":"{}"}}"#, "x".repeat(SHOW_MAX_BYTES));
    refused(put(&long).await, 422, "invalid_input").await;
    refused(put(&" ".repeat(70_000)).await, 413, "body_too_large").await;
    let plain = desk.ask(Method::PUT, &path(1)).header("if-none-match", "*").body(text("Sunday"));
    refused(plain.send().await.unwrap(), 415, "content_type_wrong").await;
    refused(desk.get("/api/shows/7").await, 404, "show_not_found").await;
    let named = desk.ask(Method::PUT, &format!("{}?machine={}", path(1), "x".repeat(81)));
    let named = named.header("if-none-match", "*").header("content-type", "application/json");
    refused(named.body(text("Sunday")).send().await.unwrap(), 422, "invalid_input").await;
    assert!(desk.list().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_show_that_the_server_names_has_its_address() {
    let cloud = Cloud::start().await;
    let desk = Desk::of(&cloud, "ada@example.org").await;
    let request = desk.ask(Method::POST, "/api/shows").header("content-type", "application/json");
    let made = request.body(text("Sunday")).send().await.unwrap();
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let entry: ShowEntry = read(made, StatusCode::CREATED).await;
    assert_eq!(location, format!("/api/shows/{}", entry.id));
    assert_eq!(desk.get(&location).await.text().await.unwrap(), text("Sunday"));
}
