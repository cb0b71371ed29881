//! How a session fares: told to its director and the host, and to nobody else.

use futures_util::StreamExt as _;
use reqwest::{Response, StatusCode};
use returnfeed_protocol::{Layer, Problem, QualitySecond, QualityToPage, SessionState};

use crate::cloud::{Cloud, refused};
use crate::picture::OnAir;
use crate::socket::DEADLINE;

/// The stream of a quality page.
pub(crate) struct Page {
    response: Response,
    text: String,
}

impl Page {
    fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// One that was told what was before.
    pub(crate) async fn opened(response: Response) -> Self {
        let mut page = Self::of(response);
        assert!(matches!(page.next().await, Some(QualityToPage::History { .. })));
        page
    }

    /// The next message; none at the end.
    async fn next(&mut self) -> Option<QualityToPage> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap());
                self.text = rest.to_owned();
                if data.is_some() {
                    return data;
                }
                continue; // a sign of life
            }
            let more = tokio::time::timeout(DEADLINE, self.response.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// The farewell, whatever is told before it; behind it the stream is over.
    pub(crate) async fn bye(&mut self) -> Problem {
        let problem = loop {
            match self.next().await {
                Some(QualityToPage::Bye { problem }) => break problem,
                Some(_) => {}
                None => panic!("no farewell"),
            }
        };
        assert_eq!(self.next().await, None, "and then the stream is over");
        problem
    }

    pub(crate) async fn second(&mut self, takes: impl Fn(&QualitySecond) -> bool) -> QualitySecond {
        loop {
            match self.next().await.unwrap() {
                QualityToPage::Second { second, .. } if takes(&second) => return second,
                QualityToPage::Second { .. } | QualityToPage::Switched { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_of_a_session_is_seen_by_its_director_and_the_host_alone() {
    let cloud = Cloud::start().await;
    let host = cloud.account("host@example.org").await;
    let session = cloud.session_of(cloud.account("ada@example.org").await).await;
    let other = cloud.session_of(cloud.account("bob@example.org").await).await;
    let path = session.path("/quality");
    let (director, stranger) = (session.director().await, other.director().await);
    let (camera, viewer) = (session.camera("Ada").await, session.viewer().await);
    for (who, token, expected) in [
        ("nobody", None, (401, "token_missing")),
        ("a forged token", Some("x.y.z"), (401, "token_invalid")),
        ("a viewer", Some(&*viewer.token), (403, "not_the_director")),
        ("a camera", Some(&*camera.token), (403, "not_the_director")),
        ("another session's director", Some(&*stranger.token), (404, "session_not_found")),
        ("another account", Some(&*other.owner), (404, "session_not_found")),
    ] {
        let answer = cloud.client.get(&path, token).await;
        assert_eq!(answer.status().as_u16(), expected.0, "{who}");
        refused(answer, expected.0, expected.1).await;
    }
    for (who, token) in [("director", &director.token), ("creator", &session.owner), ("host", &host)] {
        let mut page = Page::of(cloud.client.get(&path, Some(token)).await);
        let first = page.next().await;
        assert!(
            matches!(&first, Some(QualityToPage::History { session: told, .. }) if told.id == session.id()),
            "{who}: {first:?}"
        );
    }
    let nowhere = session.path("/quality").replace(&session.id().to_string(), "not-a-session");
    refused(cloud.client.get(&nowhere, Some(&director.token)).await, 404, "session_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_opens_late_is_told_what_was_and_then_each_second_until_the_session_ends() {
    let air = OnAir::start().await;
    let path = air.session.path("/quality");
    let open = async || Page::of(air.cloud.client.get(&path, Some(&air.director.token)).await);
    let mut first = open().await;
    assert!(matches!(first.next().await, Some(QualityToPage::History { .. })));
    let arrives = |second: &QualitySecond| second.pushes.iter().any(|push| push.bitrate.0 > 0);
    let told = first.second(arrives).await;
    assert_eq!(told.pushes.iter().map(|push| push.layer).collect::<Vec<_>>(), [Layer::High]);
    let after = first.second(|_| true).await;
    assert!(after.at_ms > told.at_ms);

    let mut late = open().await;
    let Some(QualityToPage::History { seconds, .. }) = late.next().await else { panic!("no history") };
    assert!(seconds.contains(&told) && seconds.is_sorted_by_key(|second| second.at_ms), "{seconds:?}");

    air.session.set(SessionState::Ended).await;
    for page in [&mut first, &mut late] {
        assert_eq!(page.bye().await.code, "session_ended");
    }
    refused(air.cloud.client.get(&path, Some(&air.director.token)).await, 409, "session_ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_may_read_along_and_a_stopping_server_says_goodbye_to_each() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let path = session.path("/quality");
    let mut pages = Vec::new();
    for _ in 0..16 {
        let mut page = Page::of(cloud.client.get(&path, Some(&session.owner)).await);
        page.next().await;
        pages.push(page);
    }
    refused(cloud.client.get(&path, Some(&session.owner)).await, 503, "quality_full").await;
    let farewells = futures_util::stream::iter(pages).then(|mut page| async move {
        loop {
            match page.next().await {
                Some(QualityToPage::Bye { problem }) => return problem.code,
                Some(_) => {}
                None => return "none".to_owned(),
            }
        }
    });
    let (codes, ()) = tokio::join!(farewells.collect::<Vec<_>>(), cloud.server.stop());
    assert_eq!(codes, vec!["server_stopping"; 16]);
}
