//! Whether what is recorded fits the schema that a council's policy gives it.

use permanence_core::Code;
use permanence_core::rulebook::Policy;
use serde_json::{Map, Value};

use super::policy::PanelDesk;
use super::{Fault, ServiceError};
use crate::json_schema::SchemaFault;
use crate::plugins::What;

/// Refuses content that does not fit its form, or its tracker; every place that does not fit is told below `/content`.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub fn fits(
    desk: &PanelDesk,
    policy: &Policy,
    what: What,
    code: &Code,
    content: &Map<String, Value>,
) -> Result<(), ServiceError> {
    let edition = &policy.rulebook.edition.id;
    let schemas = desk.council.schemas();
    let faults = schemas
        .faults(edition, what, code, content)
        .ok_or(ServiceError::NotFound)?;
    if faults.is_empty() {
        return Ok(());
    }
    let fault = |fault: SchemaFault| {
        let pointer = format!("/content{}", fault.pointer);
        Fault::new(pointer, fault.code, fault.message)
    };
    let faults = faults.into_iter().map(fault).collect();
    Err(ServiceError::Invalid(faults))
}
