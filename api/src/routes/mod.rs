//! The routes, one file a resource. A handler converts in, asks once, and converts out.

mod outcome;
mod service;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route; the description is built from the same list.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(service::configure);
}
