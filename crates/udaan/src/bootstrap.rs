//! `udaan bootstrap-admin`: the first administrator, made on the host.

use std::sync::Arc;

use platform::clock::SystemClock;
use platform::config::Config;
use server::App;
use server::identity::api::bootstrap_admin;

use crate::keys;

/// Prints what sets the password: once, and nowhere else.
pub(crate) async fn run(config: &Config, email: &str) -> anyhow::Result<()> {
    let app = App::new(config.clone(), keys::load(config)?, Arc::new(SystemClock))?;
    let made = bootstrap_admin(&app, email).await.map_err(|problem| match problem.code {
        "administrator_exists" => anyhow::anyhow!(
            "somebody else is administrator already; they give roles at PATCH /admin/accounts/{{id}}"
        ),
        "invalid_field" => anyhow::anyhow!("{email:?} is no e-mail address"),
        code => anyhow::anyhow!("{code} {:?}", problem.cause()),
    })?;
    let what = if made.is_new { "a new account" } else { "the account there was; its sessions are ended" };
    println!("{email} is administrator: {what}, {}", made.user);
    println!("Within 30 minutes, once, set its password here:\n  {}", made.link);
    println!("or with POST /api/v1/password/reset and this token:\n  {}", made.token);
    Ok(())
}
