//! The application: what it holds, how it is put together, how it starts and stops.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::BoxBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::auth::{Authenticator, DevelopmentKey};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::http::{BodyLimit, RequestId, UploadLimit, edge};
use crate::metrics::Metrics;
use crate::openapi::{self, Addresses};
use crate::plugins::{self, Councils, LoadError, PluginsConfigError};
use crate::service::{Desk, imports};
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
        let auth = Authenticator::new(&config.auth, &config.limits, key.as_ref());
        let settings = config.plugins.settings(config.is_development())?;
        let loaded = web::block(move || plugins::load(&settings)).await;
        let loaded = loaded.map_err(std::io::Error::other)??;
        let store = Store::connect(&config.database.url).await?;
        let clock = config.clock()?;
        Self::new(config, clock, auth, store, loaded.councils)
    }

    /// Puts together what was opened.
    ///
    /// # Errors
    /// When the journal of reads cannot be opened.
    pub fn new(
        config: Config,
        clock: Clock,
        auth: Authenticator,
        store: Store,
        councils: Councils,
    ) -> Result<Self, StartError> {
        let reads = Arc::new(ReadJournal::open(&config.database.reads_folder())?);
        let desk = Desk {
            store: store.clone(),
            reads,
            clock,
            councils: councils.clone(),
        };
        Ok(Self {
            config,
            clock,
            auth,
            store,
            councils,
            desk,
        })
    }
}

/// How often recorded reads are moved to the audit.
const DRAIN_EVERY: Duration = Duration::from_secs(1);

/// How often imports are looked for that no request of this process brought: those that another one left behind.
const LOOK_FOR_IMPORTS_EVERY: Duration = Duration::from_secs(10);

/// What all threads that answer have in common.
#[derive(Clone)]
struct Shared {
    state: State,
    metrics: Data<Metrics>,
    addresses: Data<Addresses>,
    document: Data<Document>,
}

/// How routes are registered.
pub(crate) type Routes = fn(&mut ServiceConfig<'_>);

/// The server on this listener, ready to be awaited. It stops on SIGTERM and lets requests under way finish.
pub fn build_server(state: AppState, listener: TcpListener) -> std::io::Result<Server> {
    build_server_with(state, listener, crate::routes::configure)
}

/// The same with other routes: what all routes share is tested on a few of its own.
pub(crate) fn build_server_with(
    state: AppState,
    listener: TcpListener,
    routes: Routes,
) -> std::io::Result<Server> {
    let desk = state.desk.clone();
    actix_web::rt::spawn(async move { desk.reads.drain_forever(&desk.store, DRAIN_EVERY).await });
    let desk = state.desk.clone();
    actix_web::rt::spawn(async move { imports::work_forever(&desk, LOOK_FOR_IMPORTS_EVERY).await });
    let shared = Shared::new(state, routes);
    let settings = shared.state.config.server.clone();
    if settings.metrics_port != 0 {
        serve_metrics(
            shared.metrics.clone(),
            shared.state.desk.councils.clone(),
            (settings.host, settings.metrics_port),
        )?;
    }
    let server = HttpServer::new(move || shared.application(routes))
        .workers(settings.workers)
        .shutdown_timeout(settings.shutdown_seconds);
    Ok(server.listen(listener)?.run())
}

impl Shared {
    fn new(state: AppState, routes: Routes) -> Self {
        let document = openapi::document(routes);
        Self {
            state: Data::new(state),
            metrics: Data::new(Metrics::default()),
            addresses: Data::new(Addresses::of(&document)),
            document: Data::new(Document(Arc::from(document.to_string()))),
        }
    }

    fn application(
        &self,
        routes: Routes,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<BoxBody>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let config = &self.state.config;
        let (app, _) = App::new()
            .into_utoipa_app()
            .app_data(self.state.clone())
            .app_data(self.metrics.clone())
            .app_data(self.addresses.clone())
            .app_data(self.document.clone())
            .app_data(BodyLimit(config.server.body_limit))
            .app_data(UploadLimit(config.server.upload_limit))
            .configure(routes)
            .split_for_parts();
        let docs = DocsConfig::from("/openapi.json").try_it_out_enabled(true);
        let origins = &config.cors.origins;
        app.service(web::resource("/docs").to(to_docs))
            .service(SwaggerUi::new("/docs/{_:.*}").config(docs))
            .default_service(web::to(edge::unmatched))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(edge::edge))
    }
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
            "traceparent",
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

fn serve_metrics(
    metrics: Data<Metrics>,
    councils: Councils,
    address: (String, u16),
) -> std::io::Result<()> {
    let councils = Data::new(councils);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(metrics.clone())
            .app_data(councils.clone())
            .route("/metrics", web::get().to(render_metrics))
    });
    let server = server.workers(1).disable_signals().bind(address)?.run();
    actix_web::rt::spawn(server);
    Ok(())
}

async fn render_metrics(metrics: Data<Metrics>, councils: Data<Councils>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render() + &councils.render_health())
}
