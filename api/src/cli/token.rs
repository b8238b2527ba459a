//! `permanence token`: a newcomer's access token, of the development key.

use std::io::Write;

use clap::Args;

use super::Failure;
use crate::auth::{DevelopmentKey, Minted, Role};
use crate::clock::Clock;
use crate::config::Config;

/// Whose token, and for how long.
#[derive(Debug, Args)]
pub struct Options {
    /// The councils that the caller acts for.
    #[arg(long = "council", required = true)]
    councils: Vec<String>,
    /// The caller's roles.
    #[arg(long = "role", required = true)]
    roles: Vec<String>,
    /// The caller's teams.
    #[arg(long = "team")]
    teams: Vec<String>,
    /// The caller's name for the audit: any text of your own.
    #[arg(long, default_value = "developer")]
    subject: String,
    /// For how many hours it is good.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=168))]
    hours: u16,
}

/// Writes the token.
///
/// # Errors
/// Outside development mode, for an unknown role, and when the key cannot be opened.
pub fn run(options: &Options, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    if !config.is_development() {
        return Err("configuration key `mode`: tokens are only made in development mode".into());
    }
    let roles: Vec<Role> = options
        .roles
        .iter()
        .map(|code| role(code))
        .collect::<Result<_, _>>()?;
    let key = DevelopmentKey::open(&config.auth.development_key)?;
    // The real time even where the service's own stands still: tokens are about now.
    let now = Clock::System.now().timestamp();
    let token = key.mint(&Minted {
        subject: &options.subject,
        councils: &options.councils,
        roles: &roles,
        teams: &options.teams,
        audience: &config.auth.audience,
        from: now,
        until: now + i64::from(options.hours) * 3600,
    })?;
    writeln!(out, "{token}")?;
    Ok(())
}

fn role(code: &str) -> Result<Role, Failure> {
    Role::parse(code).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("there is no role `{code}`; there are {}", known.join(", ")).into()
    })
}
