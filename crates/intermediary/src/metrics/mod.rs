//! The metrics of one server.
//!
//! - [`labels`]: the labels
//! - [`register`]: names, units and help texts
//! - [`gauges`]: gauges, read on demand
//! - [`mod@format`]: the text formats
//!
//! Label values come from closed lists. An order, a checkout or an address is never a label: their number is unbounded
//! and they are private.

mod format;
mod gauges;
mod labels;
mod register;

use std::{collections::BTreeSet, sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use wire::{Issue, ProblemCode, Status};

use self::labels::{
    Coded, Currency, Kind, Outcome, PaymentIssue, Queue, Report, RequestLabels, Route, Setting, Table,
    Upstream,
};
pub(crate) use self::{format::Format, gauges::Gauges};
use crate::{
    config::shared_settings,
    domain::{
        browser_report::BrowserReport,
        checkout::Terms,
        time::{self, Millis},
    },
    provider::{Credentials, Observed},
    store::{Job, Pruned},
};

/// Seconds of responses, up to the longest wait of a long poll.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0];

/// Seconds of calls to the provider, up to its deadline with retries.
const UPSTREAM_SECONDS: [f64; 9] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 12.0];

/// Seconds until a webhook arrives, up to a day.
const AGE_SECONDS: [f64; 12] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 3600.0, 21600.0, 86400.0];

type Labelled<L> = Family<L, Counter>;

pub(crate) struct Metrics {
    registry: Registry,
    requests: Labelled<RequestLabels>,
    request_seconds: Family<Route, Histogram, fn() -> Histogram>,
    upstream_seconds: Family<Upstream, Histogram, fn() -> Histogram>,
    webhooks: Labelled<Outcome>,
    webhook_age_at_receipt: Histogram,
    webhook_age_at_transition: Histogram,
    links: Labelled<Outcome>,
    transitions: Labelled<Outcome>,
    issues: Labelled<PaymentIssue>,
    unknown_statuses: Counter,
    paid_amount: Family<Currency, Counter<f64, AtomicU64>>,
    reversed_amount: Family<Currency, Counter<f64, AtomicU64>>,
    notifications: Labelled<Outcome>,
    limited: Labelled<Outcome>,
    problems: Labelled<Coded>,
    browser_reports: Labelled<Report>,
    pruned: Labelled<Table>,
    given_up: Labelled<Kind>,
    unmatched: Counter,
    streams: Gauge,
    connections: Gauge,
    queues: Family<Queue, Gauge>,
    queue_ages: Family<Queue, Gauge>,
    ready: Gauge,
    /// No series until the credentials were checked.
    credentials: Family<[(&'static str, &'static str); 0], Gauge>,
    write_age: Family<[(&'static str, &'static str); 0], Gauge<f64, AtomicU64>>,
    turn_age: Gauge<f64, AtomicU64>,
    clock_ahead: Gauge<f64, AtomicU64>,
    /// No series without `BANQ_NATS_URL`.
    nats: Family<[(&'static str, &'static str); 0], Gauge>,
    unlike: Family<Setting, Gauge>,
    started: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// Creates all metrics. `codes`: every problem code that a response can have; `currency`: the provider's, ISO 4217.
    pub(crate) fn new(codes: impl Iterator<Item = ProblemCode>, currency: &str) -> Self {
        let histogram = |buckets: fn() -> Histogram| buckets;
        let mut metrics = Self {
            registry: Registry::with_prefix("banq"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram(|| Histogram::new(REQUEST_SECONDS))),
            upstream_seconds: Family::new_with_constructor(histogram(|| Histogram::new(UPSTREAM_SECONDS))),
            webhooks: Family::default(),
            webhook_age_at_receipt: Histogram::new(AGE_SECONDS),
            webhook_age_at_transition: Histogram::new(AGE_SECONDS),
            links: Family::default(),
            transitions: Family::default(),
            issues: Family::default(),
            unknown_statuses: Counter::default(),
            paid_amount: Family::default(),
            reversed_amount: Family::default(),
            notifications: Family::default(),
            limited: Family::default(),
            problems: Family::default(),
            browser_reports: Family::default(),
            pruned: Family::default(),
            given_up: Family::default(),
            unmatched: Counter::default(),
            streams: Gauge::default(),
            connections: Gauge::default(),
            queues: Family::default(),
            queue_ages: Family::default(),
            ready: Gauge::default(),
            credentials: Family::default(),
            write_age: Family::default(),
            turn_age: Gauge::default(),
            clock_ahead: Gauge::default(),
            nats: Family::default(),
            unlike: Family::default(),
            started: Gauge::default(),
        };
        // A series that starts with its first event hides that event from `rate()`.
        for (family, outcomes) in [
            (&metrics.webhooks, &["stored", "duplicate", "refused"][..]),
            (&metrics.links, &["made", "found", "failed"]),
            (&metrics.transitions, &Status::ALL.map(Status::as_str)),
            (&metrics.notifications, &["delivered", "failed", "given_up"]),
            (&metrics.limited, &["links", "streams", "connections", "idle_connections"]),
        ] {
            outcomes.iter().for_each(|outcome| drop(family.get_or_create(&Outcome { outcome })));
        }
        for issue in Issue::ALL.map(Issue::as_str) {
            drop(metrics.issues.get_or_create(&PaymentIssue { issue }));
        }
        for family in [&metrics.paid_amount, &metrics.reversed_amount] {
            drop(family.get_or_create(&Currency { currency: currency.to_owned() }));
        }
        codes.for_each(|code| metrics.count_problem(code, 0));
        Pruned::TABLES.iter().for_each(|table| drop(metrics.pruned.get_or_create(&Table { table })));
        Job::KINDS.iter().for_each(|kind| drop(metrics.given_up.get_or_create(&Kind { kind })));
        shared_settings().for_each(|setting| drop(metrics.unlike.get_or_create(&Setting { setting })));
        metrics.started.set(time::now() as f64 / 1000.0);
        metrics.register();
        metrics
    }

    pub(crate) fn upstream(&self, observed: &Observed) {
        match observed.credentials {
            Credentials::Accepted => _ = self.credentials.get_or_create(&[]).set(1),
            Credentials::Refused => _ = self.credentials.get_or_create(&[]).set(0),
            Credentials::Unknown => {}
        }
        let labels = Upstream { call: observed.call, outcome: observed.outcome };
        self.upstream_seconds.get_or_create(&labels).observe(observed.took.as_secs_f64());
    }

    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    /// Records the age of a new webhook.
    pub(crate) fn webhook_received(&self, created_at: Option<Millis>) {
        if let Some(created_at) = created_at {
            self.webhook_age_at_receipt.observe(seconds_since(created_at));
        }
    }

    /// Counts a change of a checkout, and records the ages of the webhooks that caused it.
    pub(crate) fn transition(&self, status: &'static str, received_at: impl Iterator<Item = Millis>) {
        self.transitions.get_or_create(&Outcome { outcome: status }).inc();
        if let Some(first) = received_at.min() {
            self.webhook_age_at_transition.observe(seconds_since(first));
        }
    }

    /// Counts an order whose money is in question.
    pub(crate) fn issue(&self, issue: &'static str) {
        self.issues.get_or_create(&PaymentIssue { issue }).inc();
    }

    /// Adds the amount of a checkout whose status changed: as paid when the status becomes `paid`, and as reversed when
    /// it goes from `paid` to `reversed`.
    pub(crate) fn money(&self, terms: &Terms, before: Status, after: Status) {
        let family = match (before, after) {
            (Status::Paid, Status::Reversed) => &self.reversed_amount,
            (before, Status::Paid) if before != Status::Paid => &self.paid_amount,
            _ => return,
        };
        // An amount is always digits; a metric may round where money must not.
        let amount = terms.funds.to_string().parse().unwrap_or_default();
        family.get_or_create(&Currency { currency: terms.currency.clone() }).inc_by(amount);
    }

    /// Counts an attempt to notify the shop.
    pub(crate) fn notification(&self, outcome: &'static str) {
        self.notifications.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn unknown_status(&self) {
        self.unknown_statuses.inc();
    }

    pub(crate) fn link(&self, outcome: &'static str) {
        self.links.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn limited(&self, limit: &'static str) {
        self.limited.get_or_create(&Outcome { outcome: limit }).inc();
    }

    pub(crate) fn problem(&self, code: ProblemCode) {
        self.count_problem(code, 1);
    }

    fn count_problem(&self, code: ProblemCode, more: u64) {
        // Serializing a unit variant returns a string.
        let code = serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned));
        self.problems.get_or_create(&Coded { code: code.unwrap_or_default() }).inc_by(more);
    }

    /// Counts a report of a browser.
    pub(crate) fn browser_report(&self, report: &BrowserReport) {
        let (kind, refused) = (report.kind.as_str(), report.refused.as_str());
        let page = if report.page.is_some() { "shop" } else { "unknown" };
        self.browser_reports
            .get_or_create(&Report { kind, directive: report.directive, refused, page })
            .inc();
    }

    pub(crate) fn pruned(&self, pruned: &Pruned) {
        for (table, count) in Pruned::TABLES.into_iter().zip(pruned.counts()) {
            self.pruned.get_or_create(&Table { table }).inc_by(count);
        }
    }

    pub(crate) fn given_up(&self, kind: &'static str) {
        self.given_up.get_or_create(&Kind { kind }).inc();
    }

    /// Adds webhooks about a payment that no checkout has.
    pub(crate) fn unmatched(&self, webhooks: usize) {
        self.unmatched.inc_by(u64::try_from(webhooks).unwrap_or(u64::MAX));
    }

    /// Records the settings in which other servers on the database differ.
    pub(crate) fn unlike(&self, settings: &BTreeSet<&'static str>) {
        for setting in shared_settings() {
            self.unlike.get_or_create(&Setting { setting }).set(settings.contains(setting).into());
        }
    }

    /// Counts and times a response; `route` is the pattern.
    pub(crate) fn answered(&self, route: String, status: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { route: route.clone(), status }).inc();
        self.request_seconds.get_or_create(&Route { route }).observe(took.as_secs_f64());
    }
}

/// Returns the seconds since a time, at least 0: clocks of two machines differ.
fn seconds_since(at: Millis) -> f64 {
    time::now().saturating_sub(at).max(0) as f64 / 1000.0
}
