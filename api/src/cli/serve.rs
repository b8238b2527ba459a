//! `permanence serve`: runs the service until it is told to stop.

use std::net::TcpListener;

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::app::{AppState, StartError, build_server};
use crate::config::{Config, LogFormat};

/// Serves until SIGTERM or SIGINT, then lets requests under way finish.
///
/// # Errors
/// When something that the configuration names cannot be opened.
pub fn run(config: Config) -> Result<(), Failure> {
    log(&config)?;
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind((config.server.host.as_str(), config.server.port))
            .map_err(StartError::Io)?;
        let address = listener.local_addr()?;
        let state = AppState::open(config).await?;
        if state.config.is_development() {
            tracing::warn!(
                "development mode: tokens of the development key are taken; not for real cases"
            );
        }
        let server = build_server(state, listener)?;
        tracing::info!(%address, docs = format!("http://{address}/docs/"), "serving");
        Ok(server.await?)
    })
}

pub(super) fn log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log.filter)
        .map_err(|cause| format!("configuration key `log.filter`: {cause}"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
