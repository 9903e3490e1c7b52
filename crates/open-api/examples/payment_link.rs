//! Creates a payment link for an order, and prints the link and the payment's status.
//!
//! ```sh
//! cargo run -p banq-simulator                             # in another terminal; no money moves
//! cargo run -p banq-open-api --example payment_link
//! ```
//!
//! The defaults are the simulator's. For Banq's sandbox, set the variables that `main` reads.

use std::{env, error::Error};

use banq_open_api::{Amount, GetPaid, Login, OpenApi, OpenApiSettings, Schedule, Secret, Timeouts};
use url::Url;
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The address of the API ends with a slash.
    let api_url: Url = setting("BANQ_API_URL", "http://127.0.0.1:8081/api/").parse()?;
    let api = OpenApi::new(OpenApiSettings {
        auth_url: setting("BANQ_AUTH_URL", "http://127.0.0.1:8081/oauth/token").parse()?,
        login: Login::Application {
            client_id: setting("BANQ_CLIENT_ID", "demo-client"),
            username: setting("BANQ_USERNAME", "demo-merchant"),
            password: Secret::new(setting("BANQ_PASSWORD", "demo-password")),
        },
        timeouts: Timeouts::default(),
        // Banq speaks https only. The simulator speaks http on this machine, where no proxy leads.
        direct: api_url.scheme() == "http",
        api_url,
    })?;

    let request = GetPaid {
        destination: setting("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42").parse()?,
        comment: "Two coffees".to_owned(),
        funds: Amount::parse("2.50").ok_or("2.50 is not a price")?,
        external_order_code: "A7Q2-9XKD".to_owned(),
        schedule: Schedule::ONCE,
    };
    // A shop stores this id with its order before it sends the request. If the shop repeats the request under the
    // same id, Banq answers with the same payment and does not make a second one.
    let idempotent_id = Uuid::new_v4();
    let created = api.get_paid_link(idempotent_id, &request).await?;
    println!("link: {}", created.url.ok_or("Banq sent no link")?);

    // A shop asks again by the payment's id to learn whether the payment is completed.
    let id = created.id.ok_or("Banq sent no id")?;
    let payment = api.payment(&id).await?;
    println!("status: {}", payment.status.ok_or("Banq sent no status")?.as_str());
    Ok(())
}

/// Reads an environment variable.
fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
