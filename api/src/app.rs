//! The application: what it holds, how it is put together, how it starts and stops.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::auth::{Authenticator, DevelopmentKey};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::http::{BodyLimit, RequestId, edge};
use crate::metrics::Metrics;
use crate::openapi::{self, Addresses};
use crate::plugins::{self, Councils, LoadError, PluginsConfigError};
use crate::service::Desk;
use crate::store::read_journal::ReadJournal;
use crate::store::{Store, StoreError};

/// What every handler can reach.
pub struct AppState {
    /// What the service was told.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// Who calls.
    pub auth: Authenticator,
    /// Where records are kept.
    pub store: Store,
    /// The councils, each with its policy.
    pub councils: Councils,
    /// What the use cases work with.
    pub desk: Desk,
}

/// How handlers take it.
pub type State = Data<AppState>;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// The development key cannot be used.
    #[error("{0}")]
    Key(String),
    /// The plugins cannot be named so.
    #[error(transparent)]
    Plugins(#[from] PluginsConfigError),
    /// Plugins were refused.
    #[error(transparent)]
    Refused(#[from] LoadError),
    /// The port cannot be taken.
    #[error("cannot listen: {0}")]
    Io(#[from] std::io::Error),
}

impl AppState {
    /// Opens everything that the configuration names.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        let key = match config.is_development() {
            true => {
                Some(DevelopmentKey::open(&config.auth.development_key).map_err(StartError::Key)?)
            }
            false => None,
        };
        let auth = Authenticator::new(config.auth.audience.clone(), key.as_ref());
        let settings = config.plugins.settings(config.is_development())?;
        let loaded = web::block(move || plugins::load(&settings)).await;
        let loaded = loaded.map_err(std::io::Error::other)??;
        let store = Store::connect(&config.database.url).await?;
        let clock = config.clock()?;
        let reads = Arc::new(ReadJournal::open(&config.database.reads_folder())?);
        let desk = Desk {
            store: store.clone(),
            reads,
            clock,
            councils: loaded.councils.clone(),
        };
        Ok(Self {
            clock,
            desk,
            auth,
            store,
            councils: loaded.councils,
            config,
        })
    }
}

/// How often recorded reads are moved to the audit.
const DRAIN_EVERY: Duration = Duration::from_secs(1);

/// The server on this listener, ready to be awaited. It stops on SIGTERM and lets requests under way finish.
pub fn build_server(state: AppState, listener: TcpListener) -> std::io::Result<Server> {
    let desk = state.desk.clone();
    actix_web::rt::spawn(async move { desk.reads.drain_forever(&desk.store, DRAIN_EVERY).await });
    let state = Data::new(state);
    let metrics = Data::new(Metrics::default());
    let document = openapi::document();
    let addresses = Data::new(Addresses::of(&document));
    let document = Data::new(Document(Arc::from(document.to_string())));
    let (workers, patience) = (
        state.config.server.workers,
        state.config.server.shutdown_seconds,
    );
    if state.config.server.metrics_port != 0 {
        let address = (
            state.config.server.host.clone(),
            state.config.server.metrics_port,
        );
        serve_metrics(metrics.clone(), address)?;
    }
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .app_data(state.clone())
            .app_data(metrics.clone())
            .app_data(addresses.clone())
            .app_data(document.clone())
            .app_data(BodyLimit(state.config.server.body_limit))
            .configure(crate::routes::configure)
            .split_for_parts();
        let origins = &state.config.cors.origins;
        app.service(web::resource("/docs").to(to_docs))
            .service(
                SwaggerUi::new("/docs/{_:.*}")
                    .config(DocsConfig::from("/openapi.json").try_it_out_enabled(true)),
            )
            .default_service(web::to(edge::unmatched))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(edge::edge))
    });
    Ok(server
        .workers(workers)
        .shutdown_timeout(patience)
        .listen(listener)?
        .run())
}

/// The description, written once at the start.
#[derive(Debug, Clone)]
pub struct Document(pub Arc<str>);

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "accept",
            "if-match",
            "if-none-match",
            "idempotency-key",
        ])
        .allowed_header(RequestId::HEADER)
        .expose_headers(["etag", "location", "link", "retry-after", "x-request-id"])
        .max_age(3600);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header(("location", "/docs/"))
        .finish()
}

fn serve_metrics(metrics: Data<Metrics>, address: (String, u16)) -> std::io::Result<()> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(metrics.clone())
            .route("/metrics", web::get().to(render_metrics))
    });
    let server = server.workers(1).disable_signals().bind(address)?.run();
    actix_web::rt::spawn(server);
    Ok(())
}

async fn render_metrics(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render())
}
