//! The two servers and the shop's page server of one test, each on a free port.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use banq_simulator::{Action, Attempt, Outcome, Payment};
use banq_testkit::simulator_config;
use thirtyfour::prelude::*;

use crate::paths::{self, dist, plain_dist};
use crate::port::Port;
use crate::server::Server;
use crate::{PATIENCE, Page, Pages, Proxy};

pub use crate::server::Intermediary;

/// What is not as usual.
#[derive(Clone)]
pub struct Setup {
    /// How the intermediary runs.
    pub intermediary: Intermediary,
    /// What stands between the page and the intermediary.
    pub proxy: Option<Proxy>,
    /// How long a link lives.
    pub link_lifetime: Duration,
    /// How long the intermediary waits for Banq; none: as long as for a shop. Only in this process.
    pub provider_deadline: Option<Duration>,
    /// Whether the widget is the one that trunk alone builds.
    pub plain_widget: bool,
    /// A further origin that may use the intermediary.
    pub origin: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            intermediary: Intermediary::InProcess,
            proxy: None,
            link_lifetime: Duration::from_secs(900),
            provider_deadline: None,
            plain_widget: false,
            origin: None,
        }
    }
}

/// Everything behind the page.
pub struct TestApp {
    server: Mutex<Option<Server>>,
    /// The shop's own web server, on an origin of its own.
    pub pages: Pages,
    /// The server's, also while it is away.
    port: Port,
    base: String,
    order: AtomicU32,
    app: banq_testkit::TestApp,
}

impl Deref for TestApp {
    type Target = banq_testkit::TestApp;

    fn deref(&self) -> &Self::Target {
        &self.app
    }
}

impl TestApp {
    /// Everything in this process.
    pub async fn start() -> Self {
        Self::set_up(Setup::default()).await
    }

    /// With a proxy between the page and the intermediary.
    pub async fn behind(proxy: &Proxy) -> Self {
        Self::set_up(Setup { proxy: Some(proxy.clone()), ..Setup::default() }).await
    }

    /// With the intermediary as a process of its own, which can be killed.
    pub async fn start_with(intermediary: Intermediary) -> Self {
        Self::set_up(Setup { intermediary, ..Setup::default() }).await
    }

    /// As `setup` says.
    pub async fn set_up(setup: Setup) -> Self {
        let config = banq_simulator::Config { link_lifetime: setup.link_lifetime, ..simulator_config() };
        let app = banq_testkit::TestApp::beside(config).await;
        let pages = Pages::start().await;
        let public = setup.proxy.as_ref().map(Proxy::url);
        let port = Port::free();
        let dist = if setup.plain_widget { plain_dist() } else { dist() };
        let server = Server::start(&setup, &port, &app, pages.origin(), &dist).await;
        app.send_webhooks_to(server.url());
        if let Some(proxy) = &setup.proxy {
            proxy.set_upstream(server.url());
        }
        let base = public.unwrap_or(server.url()).to_owned();
        Self { server: Mutex::new(Some(server)), pages, port, base, order: AtomicU32::new(1), app }
    }

    /// The built widget.
    pub fn dist(&self) -> PathBuf {
        dist()
    }

    /// The intermediary's address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The order that [`TestApp::shop`] sells.
    pub fn order(&self) -> String {
        format!("order-{}", self.order.load(Ordering::Relaxed))
    }

    /// The name of a page that sells this order.
    pub fn of_order(&self, name: &str) -> String {
        format!("{name}-of-{}", self.order())
    }

    /// Lets the next [`TestApp::shop`] sell another order, at another address: a widget at the same one would first look
    /// for the payment of the order before.
    pub fn next_order(&self) {
        self.order.fetch_add(1, Ordering::Relaxed);
    }

    /// A shop whose page asks for its link as the documentation recommends.
    pub fn shop(&self) -> String {
        self.page(&self.asks())
    }

    /// The option by which it asks.
    pub fn asks(&self) -> String {
        let order = self.order();
        format!(
            "getPaymentInfo: ({{ requestId }}) => fetch('{}/generate-payment-link', {{
               method: 'POST',
               headers: {{ 'Content-Type': 'application/json', 'X-Request-Id': requestId }},
               body: JSON.stringify({{ orderId: '{order}', comment: 'Demo Widget Banq', funds: 2 }}),
             }}).then((response) => response.json()),",
            self.base
        )
    }

    /// Puts the widget's files on the shop's own server, where a test can hold them back, and answers with the
    /// text of a page that takes them from there.
    pub fn own(&self, options: &str) -> String {
        self.put_files(&[
            "ecommerce.js",
            "banq-ar.json",
            "banq-plain.js",
            "banq-checkout.js",
            "banq-checkout_bg.wasm",
        ]);
        self.html(options).replace(&format!("{}/widget/ecommerce.js", self.base), "ecommerce.js")
    }

    /// Puts these files of the widget on the shop's own server.
    pub fn put_files(&self, names: &[&str]) {
        for name in names {
            self.pages.add_file(name, self.file(name));
        }
    }

    /// Puts an example's built page on the shop's own server, with the intermediary's address in it. Returns the
    /// page's address.
    pub fn example(&self, name: &str) -> String {
        let folder = paths::example(name);
        self.put_example(&folder, &folder);
        format!("{}/index.html", self.pages.origin())
    }

    fn put_example(&self, whole: &Path, folder: &Path) {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                self.put_example(whole, &path);
                continue;
            }
            let mut bytes = std::fs::read(&path).unwrap();
            if let Ok(text) = std::str::from_utf8(&bytes) {
                bytes = text.replace("http://intermediary.invalid", &self.base).into_bytes();
            }
            self.pages.add_file(path.strip_prefix(whole).unwrap().to_str().unwrap(), bytes);
        }
    }

    /// A file of the widget, as it was built.
    pub fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.dist().join(name)).unwrap()
    }

    /// A page with other options.
    pub fn page(&self, options: &str) -> String {
        self.pages.add(&self.of_order("shop"), self.html(options))
    }

    /// The page's text.
    pub fn html(&self, options: &str) -> String {
        include_str!("../pages/shop.html").replace("{{base}}", &self.base).replace("{{options}}", options)
    }

    /// Waits until the simulator's state is so.
    async fn until(&self, what: &str, condition: impl Fn(&banq_simulator::Control) -> bool) {
        let control = self.simulator.control();
        let waited = tokio::time::timeout(PATIENCE, control.wait_until(condition)).await;
        assert!(waited.is_ok(), "waited in vain: {what}");
    }

    /// The newest payment, as soon as there is one.
    pub async fn payment(&self) -> Payment {
        self.until("a payment", |control| !control.payments().is_empty()).await;
        self.simulator.control().payments().pop().unwrap()
    }

    /// Does something to the newest payment.
    pub async fn act(&self, action: Action) {
        let payment = self.payment().await;
        self.simulator.control().act(payment.id, action).await.unwrap();
    }

    /// Does something to the newest payment, and says whether it came in time: `false` when the link had run out.
    pub async fn in_time(&self, action: Action) -> bool {
        let payment = self.payment().await;
        match self.simulator.control().act(payment.id, action).await {
            Ok(_) => true,
            Err(banq_simulator::Error::Illegal { .. }) => false,
            Err(other) => panic!("{action:?}: {other}"),
        }
    }

    /// The shopper accepts on the phone.
    pub async fn accept(&self) {
        self.act(Action::Accept).await;
    }

    /// How often a link was asked for upstream.
    pub fn link_requests(&self) -> usize {
        let requests = self.simulator.control().requests();
        requests.iter().filter(|request| request.path.ends_with("get-paid-link")).count()
    }

    /// The shopper logs in and pays on the hosted page, in the browser's current window.
    pub async fn pay_in_window(&self, driver: &WebDriver) {
        let page = Page::current(driver);
        page.press_in_document("[data-action=login]").await;
        page.press_in_document("[data-action=pay]").await;
    }

    /// Waits until the intermediary has answered the webhook of each completed payment with 200.
    pub async fn completed_webhook_was_taken(&self) {
        self.until("the webhook Payment Completed was answered with 200", |control| {
            let mut completed = control.deliveries();
            completed.retain(|delivery| delivery.body.contains("\"Completed\""));
            let taken = |attempt: &Attempt| attempt.outcome == Outcome::Status(200);
            !completed.is_empty() && completed.iter().all(|delivery| delivery.attempts.iter().any(taken))
        })
        .await;
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.server.lock().unwrap().take().expect("is running").kill();
    }

    /// Starts the killed process again, on the same address and database.
    pub async fn restart(&self) {
        let server = Server::restart(&self.port, &self.app, self.pages.origin(), &dist()).await;
        *self.server.lock().unwrap() = Some(server);
    }
}
