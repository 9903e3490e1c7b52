//! `demo`: a shop, this server and a simulator of Banq in one process, until SIGTERM or Ctrl-C.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    path::{Path, PathBuf},
    process::ExitCode,
};

use banq_simulator::{Config as SimulatorConfig, Simulator, WebhookConfig};
use clap::Args;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{failure::Failure, output::Output, serve};
use crate::{Config, Server, StartError};

/// Any address of another network: connecting a UDP socket selects this machine's own address, and sends nothing.
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shop's port; 0 selects a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The simulator's port; 0 selects a free one.
    #[arg(long, default_value_t = 8081, value_name = "PORT")]
    banq_port: u16,
    /// Listens on all of this machine's addresses, so that a phone on the same network can scan the code.
    #[arg(long)]
    lan: bool,
    /// The folder of another widget than the program's own.
    #[arg(long, env = "BANQ_WIDGET_DIR", value_name = "FOLDER")]
    widget_dir: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    if arguments.lan && [arguments.port, arguments.banq_port].contains(&0) {
        let problem = "--lan: name the ports: a phone needs them in its addresses, and 0 selects any";
        return Err(Failure::Usage(problem.to_owned()));
    }
    serve::log("warn");
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let data = tempfile::Builder::new().prefix("banq-demo-").tempdir()?;
    let secret = random()?;
    let host = if arguments.lan { lan()? } else { Ipv4Addr::LOCALHOST };
    let listen = if arguments.lan { Ipv4Addr::UNSPECIFIED } else { host };
    let banq = SimulatorConfig {
        listen: SocketAddrV4::new(listen, arguments.banq_port).into(),
        public_url: arguments.lan.then(|| format!("http://{host}:{}", arguments.banq_port)),
        ..SimulatorConfig::default()
    };
    let credentials = banq.clone();
    let banq = Simulator::start(banq).await.map_err(|error| match error {
        banq_simulator::Error::AddressTaken(address) => taken(address, "--banq-port"),
        error => Failure::Fault(error.to_string()),
    })?;
    let shop = settings(&banq, &credentials, &secret, data.path())?;
    let mut shop = Config::from_map(&shop)?;
    shop.listen = SocketAddrV4::new(listen, arguments.port).into();
    shop.widget_dir.clone_from(&arguments.widget_dir);
    if arguments.lan {
        let url = format!("http://{host}:{}", arguments.port);
        shop.public_url = Some(url.parse().map_err(|_| Failure::Usage(format!("{url} is no address")))?);
    }
    if !shop.serves_widget() {
        let problem = "this program was built without the widget: name its folder with --widget-dir";
        return Err(Failure::Usage(problem.to_owned()));
    }
    let server = Server::start(shop).await.map_err(|error| match error {
        StartError::AddressTaken(address) => taken(address, "--port"),
        error => error.into(),
    })?;
    let webhook = format!("{}/your-web-hooks/payment-status", server.url());
    banq.set_webhook(WebhookConfig::new(webhook, secret));

    let [shop, phone, simulator] = [
        format!("{}/widget/", server.public_url()),
        format!("{}/app", banq.public_url()),
        format!("{}/", banq.public_url()),
    ];
    let lines = [
        format!("  the shop   {shop}"),
        format!("  the phone  {phone}"),
        format!("  the simulator of Banq and its scenarios  {simulator}"),
        String::new(),
        "No money moves. Ctrl-C stops it.".to_owned(),
    ];
    output.print(&lines, &json!({ "shop": shop, "phone": phone, "simulator": simulator }))?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    server.stop().await;
    banq.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Returns the failure for an address on which another program listens.
fn taken(address: SocketAddr, option: &str) -> Failure {
    Failure::Fault(format!(
        "{address} is taken by another program: stop that one, or name another port with {option}"
    ))
}

/// Returns the server's settings: the same that a person would write for it.
fn settings(
    banq: &Simulator,
    credentials: &SimulatorConfig,
    secret: &str,
    data: &Path,
) -> Result<BTreeMap<String, String>, Failure> {
    let settings = [
        ("BANQ_ENVIRONMENT", "local".to_owned()),
        ("BANQ_API_URL", banq.api_url()),
        ("BANQ_AUTH_URL", banq.auth_url()),
        ("BANQ_CLIENT_ID", credentials.client_id.clone()),
        ("BANQ_USERNAME", credentials.username.clone()),
        ("BANQ_PASSWORD", credentials.password.clone()),
        ("BANQ_ACCOUNT_GUID", credentials.account_guid.to_string()),
        ("BANQ_ACCOUNT_SPACE_ID", credentials.account_space_id.to_string()),
        ("BANQ_WEBHOOK_SECRET", secret.to_owned()),
        ("BANQ_API_KEY", random()?),
        ("BANQ_ALLOW_CLIENT_AMOUNTS", "true".to_owned()),
        ("BANQ_DATABASE_URL", format!("sqlite://{}", data.join("demo.sqlite").display())),
    ];
    Ok(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Returns this machine's address in the network.
fn lan() -> Result<Ipv4Addr, Failure> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    match socket.connect(ELSEWHERE).and_then(|()| socket.local_addr()) {
        Ok(std::net::SocketAddr::V4(address)) if !address.ip().is_loopback() => Ok(*address.ip()),
        Ok(_) | Err(_) => Err(Failure::Fault("--lan: this machine is in no network".to_owned())),
    }
}

/// Returns 48 random hexadecimal digits.
fn random() -> Result<String, Failure> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Fault(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
