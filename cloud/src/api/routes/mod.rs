//! The one way in which an endpoint is registered: together with what is to be known of it.
//!
//! The router and the OpenAPI document are two views of one list. It refuses a handler without an [`Operation`].
//! Invariant: in a debug build an answer that its operation does not name ends the request, and so fails its test.

mod document;
mod operation;
mod who;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{self, MethodRouter};

pub use self::operation::{Answer, Operation, Refusal, RequestBody};
pub use self::who::{
    ACCOUNTS, CREATOR, CREATOR_OR_DIRECTOR, DIRECTOR, DIRECTOR_CREATOR_OR_HOST, EVERYBODY, MEMBERS,
    PARTICIPANTS, Verdict, Who,
};
use crate::api::problem::in_one_shape;
use crate::app::App;

/// Endpoints, each with its description.
#[derive(Default)]
pub struct Routes(Vec<Route>);

struct Route {
    method: Method,
    path: &'static str,
    operation: Operation,
    handler: MethodRouter<App>,
}

macro_rules! verbs {
    ($($verb:ident = $method:ident),+) => {$(
        #[doc = concat!("One endpoint, asked with ", stringify!($method), ".")]
        pub fn $verb<H: Handler<T, App>, T: 'static>(
            path: &'static str,
            handler: H,
            operation: Operation,
        ) -> Routes {
            Routes(vec![Route { method: Method::$method, path, operation, handler: routing::$verb(handler) }])
        }
    )+};
}

verbs!(delete = DELETE, get = GET, options = OPTIONS, patch = PATCH, post = POST, put = PUT);

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and those.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// What answers.
    pub fn into_router(self) -> Router<App> {
        self.0.into_iter().fold(Router::new(), |router, route| {
            let Route { method, path, operation, handler } = route;
            let handler = handler.route_layer(map_response(in_one_shape));
            let handler =
                if cfg!(debug_assertions) { checked(handler, method, path, operation) } else { handler };
            router.route(path, handler)
        })
    }

    /// What is said of it: OpenAPI 3.1.
    pub fn document(&self) -> serde_json::Value {
        document::of(self.0.iter().map(|route| (&route.method, route.path, &route.operation)))
    }
}

/// The handler, watched: it answers what its operation names, or the request ends with a sentence about it.
fn checked(
    handler: MethodRouter<App>,
    method: Method,
    path: &'static str,
    operation: Operation,
) -> MethodRouter<App> {
    let operation = Arc::new(operation);
    handler.route_layer(map_response(move |response: Response| {
        let (operation, method) = (Arc::clone(&operation), method.clone());
        async move {
            if let Err(undeclared) = operation.check(&response) {
                panic!(
                    "{method} {path} answers {undeclared}, which its Operation does not name: add it there"
                );
            }
            response
        }
    }))
}
