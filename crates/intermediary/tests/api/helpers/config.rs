//! Settings, clients and programs that differ from those of other tests.

use std::time::Duration;

use banq_intermediary::{BanqConfig, Config, ProviderConfig, Secret};
use banq_testkit::{Program, Settings, changed, command, sqlite};
use tempfile::TempDir;

/// The origin of the shop's pages.
pub(crate) const SHOP: &str = "https://shop.example";

/// Returns the simulator's configuration in the tests.
pub(crate) fn simulator_config() -> banq_simulator::Config {
    let webhook_retry_delay = Duration::from_millis(20);
    banq_simulator::Config { webhook_retry_delay, ..banq_testkit::simulator_config() }
}

/// Returns the settings of a server with one shop. `banq` is the URL of Banq, without a slash at the end.
pub(crate) fn settings(banq: &str, folder: &TempDir) -> Settings {
    with_shop(banq_testkit::settings(banq, &sqlite(folder.path())))
}

/// Adds the shop to the settings of a server.
pub(crate) fn with_shop(settings: Settings) -> Settings {
    changed(settings, &[("BANQ_ALLOWED_ORIGINS", SHOP)])
}

/// Starts the real program and keeps its log, of this level.
pub(crate) async fn start_program(settings: &Settings, level: &str) -> Program {
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), settings);
    command.env("RUST_LOG", level);
    Program::start_with_log(command).await
}

/// A client that keeps no connection: a test that closes them must not meet an old one.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A secret for a configuration.
pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text)
}

/// The settings of Banq in this configuration.
pub(crate) fn banq(config: &mut Config) -> &mut BanqConfig {
    let ProviderConfig::Banq(banq) = &mut config.provider;
    banq
}
