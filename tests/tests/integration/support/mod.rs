//! The service as its callers meet it: a server of its own for each test, on a port of its own, with a database of its own.

mod app;
mod councils;
mod request;
mod spec;

pub use app::{NOW, TestApp};
pub use councils::{councils, library};
pub use request::Answered;
pub use spec::{Operation, Spec};

/// Runs each test against a server on SQLite and against one on PostgreSQL.
///
/// ```ignore
/// on_both_servers! {
///     async fn a_stranger_is_refused(app: &TestApp) { .. }
/// }
/// ```
#[macro_export]
macro_rules! on_both_servers {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: &TestApp) $body:block)*) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;
                use $crate::databases::TestDatabase;
                use $crate::support::TestApp;

                async fn promise($app: &TestApp) $body

                #[tokio::test]
                async fn sqlite() {
                    promise(&TestApp::on(TestDatabase::sqlite()).await).await;
                }

                #[tokio::test]
                async fn postgres() {
                    promise(&TestApp::on(TestDatabase::postgres()).await).await;
                }
            }
        )*
    };
}
