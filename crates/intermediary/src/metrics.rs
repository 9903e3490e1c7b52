//! `GET /metrics`: what there is to watch, in Prometheus' text format.
//!
//! Labels are words out of closed lists: never an order, a checkout or an address, of which there is no end and
//! which are nobody's business.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use banq_checkout_wire::{Issue, ProblemCode, Status};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::{
    domain::time::{self, Millis},
    error::Error,
    health::deployment::COMMON,
    http::{
        middleware::{
            bearer,
            client_ip::{self, Client},
        },
        openapi,
        state::App,
    },
    open_api::OpenApiError,
    provider::Observed,
    store::{Job, Pruned},
};

/// For answers: up to the time that a long poll may take.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0];

/// For the provider: up to its deadline, repeats included.
const UPSTREAM_SECONDS: [f64; 9] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 12.0];

/// For webhooks: from at once to a day late.
const AGE_SECONDS: [f64; 12] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 3600.0, 21600.0, 86400.0];

type Labelled<L> = Family<L, Counter>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Upstream {
    call: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PaymentIssue {
    issue: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Coded {
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    queue: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Table {
    table: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Setting {
    setting: &'static str,
}

/// All metrics of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Labelled<Answered>,
    request_seconds: Family<Route, Histogram, fn() -> Histogram>,
    upstream_seconds: Family<Upstream, Histogram, fn() -> Histogram>,
    webhooks: Labelled<Outcome>,
    webhook_age_at_receipt: Histogram,
    webhook_age_at_transition: Histogram,
    links: Labelled<Outcome>,
    transitions: Labelled<Outcome>,
    issues: Labelled<PaymentIssue>,
    unknown_statuses: Counter,
    limited: Labelled<Outcome>,
    problems: Labelled<Coded>,
    pruned: Labelled<Table>,
    given_up: Labelled<Kind>,
    unmatched: Counter,
    streams: Gauge,
    connections: Gauge,
    queues: Family<Queue, Gauge>,
    queue_ages: Family<Queue, Gauge>,
    ready: Gauge,
    /// No series before it is known.
    credentials: Family<[(&'static str, &'static str); 0], Gauge>,
    write_age: Family<[(&'static str, &'static str); 0], Gauge<f64, AtomicU64>>,
    turn_age: Gauge<f64, AtomicU64>,
    clock_ahead: Gauge<f64, AtomicU64>,
    unlike: Family<Setting, Gauge>,
    started: Gauge<f64, AtomicU64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
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
            limited: Family::default(),
            problems: Family::default(),
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
            unlike: Family::default(),
            started: Gauge::default(),
        };
        // A series that begins with its first event hides that event from every rate.
        for (family, outcomes) in [
            (&metrics.webhooks, &["stored", "duplicate", "refused"][..]),
            (&metrics.links, &["made", "found", "failed"]),
            (&metrics.transitions, &Status::ALL.map(Status::as_str)),
            (&metrics.limited, &["links", "streams", "connections", "idle_connections"]),
        ] {
            outcomes.iter().for_each(|outcome| drop(family.get_or_create(&Outcome { outcome })));
        }
        for issue in Issue::ALL.map(Issue::as_str) {
            drop(metrics.issues.get_or_create(&PaymentIssue { issue }));
        }
        openapi::problem_codes().for_each(|code| metrics.count_problem(code, 0));
        Pruned::TABLES.iter().for_each(|table| drop(metrics.pruned.get_or_create(&Table { table })));
        Job::KINDS.iter().for_each(|kind| drop(metrics.given_up.get_or_create(&Kind { kind })));
        COMMON.iter().for_each(|setting| drop(metrics.unlike.get_or_create(&Setting { setting })));
        metrics.started.set(time::now() as f64 / 1000.0);
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Answers, by route and status", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Until the answer's head",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        registry.register_with_unit(
            "upstream_duration",
            "Calls of the payment provider, repeats included",
            Unit::Seconds,
            self.upstream_seconds.clone(),
        );
        registry.register("webhooks", "Webhooks, by what became of them on arrival", self.webhooks.clone());
        registry.register_with_unit(
            "webhook_age_at_receipt",
            "From a webhook's making, by the provider's clock, to its arrival",
            Unit::Seconds,
            self.webhook_age_at_receipt.clone(),
        );
        registry.register_with_unit(
            "webhook_age_at_transition",
            "From a webhook's arrival to the change of a checkout that it led to",
            Unit::Seconds,
            self.webhook_age_at_transition.clone(),
        );
        registry.register("links", "Requests for a link: made, found alive, or failed", self.links.clone());
        registry.register("checkout_transitions", "Changes of a checkout's status", self.transitions.clone());
        registry.register(
            "payment_issues",
            "Money that a person has to settle, by issue",
            self.issues.clone(),
        );
        registry.register(
            "unknown_statuses",
            "Answers of the provider with a status that this version does not know",
            self.unknown_statuses.clone(),
        );
        registry.register(
            "limited",
            "By limit: links and connections that were refused, streams and idle connections that gave way",
            self.limited.clone(),
        );
        registry.register("problems", "Requests refused or failed, by problem code", self.problems.clone());
        registry.register("pruned", "Rows that were deleted for their age", self.pruned.clone());
        registry.register("jobs_given_up", "Jobs that failed too often, by kind", self.given_up.clone());
        registry.register(
            "unmatched_webhooks",
            "Webhooks about payments that no checkout has, after a day",
            self.unmatched.clone(),
        );
        registry.register("open_streams", "Streams and long polls", self.streams.clone());
        registry.register(
            "open_connections",
            "Connections of the server's socket, streams excepted",
            self.connections.clone(),
        );
        registry.register("queue_depth", "What waits in the database, by queue", self.queues.clone());
        registry.register_with_unit(
            "queue_age",
            "How long the oldest of a queue waits; 0 when nothing does",
            Unit::Seconds,
            self.queue_ages.clone(),
        );
        registry.register("ready", "Whether the server can do its work", self.ready.clone());
        registry.register(
            "provider_credentials_ok",
            "Whether the payment provider accepted the credentials when it was last asked",
            self.credentials.clone(),
        );
        registry.register_with_unit(
            "last_write_age",
            "Since the last write that was tried was committed",
            Unit::Seconds,
            self.write_age.clone(),
        );
        registry.register_with_unit(
            "last_turn_age",
            "Since the worker last looked for work",
            Unit::Seconds,
            self.turn_age.clone(),
        );
        registry.register(
            "unlike_settings",
            "Whether another server on the same database has another value of this setting",
            self.unlike.clone(),
        );
        registry.register_with_unit(
            "clock_ahead",
            "How far this machine's clock is ahead of the payment provider's",
            Unit::Seconds,
            self.clock_ahead.clone(),
        );
        registry.register_with_unit("start_time", "When it started", Unit::Seconds, self.started.clone());
    }

    /// A call of the provider has ended.
    pub(crate) fn upstream(&self, observed: Observed<'_>) {
        let outcome = observed.error.map_or("ok", |error| error.kind());
        match observed.error {
            None => _ = self.credentials.get_or_create(&[]).set(1),
            Some(OpenApiError::Credentials(_)) => _ = self.credentials.get_or_create(&[]).set(0),
            Some(_) => {}
        }
        let labels = Upstream { call: observed.call, outcome };
        self.upstream_seconds.get_or_create(&labels).observe(observed.took.as_secs_f64());
    }

    /// A webhook came.
    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    /// A new webhook came that was made at `created_at`.
    pub(crate) fn webhook_received(&self, created_at: Option<Millis>) {
        if let Some(created_at) = created_at {
            self.webhook_age_at_receipt.observe(seconds_since(created_at));
        }
    }

    /// A checkout changed because of webhooks that came at these times, if any.
    pub(crate) fn transition(&self, status: &'static str, received_at: impl Iterator<Item = Millis>) {
        self.transitions.get_or_create(&Outcome { outcome: status }).inc();
        if let Some(first) = received_at.min() {
            self.webhook_age_at_transition.observe(seconds_since(first));
        }
    }

    /// Money of an order is in question.
    pub(crate) fn issue(&self, issue: &'static str) {
        self.issues.get_or_create(&PaymentIssue { issue }).inc();
    }

    /// The provider said a status that this version does not know.
    pub(crate) fn unknown_status(&self) {
        self.unknown_statuses.inc();
    }

    /// A link was asked for.
    pub(crate) fn link(&self, outcome: &'static str) {
        self.links.get_or_create(&Outcome { outcome }).inc();
    }

    /// Somebody met a limit.
    pub(crate) fn limited(&self, limit: &'static str) {
        self.limited.get_or_create(&Outcome { outcome: limit }).inc();
    }

    /// A request was refused, or failed.
    pub(crate) fn problem(&self, code: ProblemCode) {
        self.count_problem(code, 1);
    }

    fn count_problem(&self, code: ProblemCode, more: u64) {
        // The code as a page sees it; a unit variant always is a string.
        let code = serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned));
        self.problems.get_or_create(&Coded { code: code.unwrap_or_default() }).inc_by(more);
    }

    /// Old rows were deleted.
    pub(crate) fn pruned(&self, pruned: &Pruned) {
        for (table, count) in Pruned::TABLES.into_iter().zip(pruned.counts()) {
            self.pruned.get_or_create(&Table { table }).inc_by(count);
        }
    }

    /// A job failed too often.
    pub(crate) fn given_up(&self, kind: &'static str) {
        self.given_up.get_or_create(&Kind { kind }).inc();
    }

    /// So many webhooks are about a payment that no checkout has.
    pub(crate) fn unmatched(&self, webhooks: usize) {
        self.unmatched.inc_by(u64::try_from(webhooks).unwrap_or(u64::MAX));
    }

    /// Other servers on the same database have other values of these settings.
    pub(crate) fn unlike(&self, settings: &BTreeSet<&'static str>) {
        for setting in COMMON {
            self.unlike.get_or_create(&Setting { setting }).set(settings.contains(setting).into());
        }
    }

    fn answered(&self, route: String, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { route: route.clone(), status }).inc();
        self.request_seconds.get_or_create(&Route { route }).observe(took.as_secs_f64());
    }
}

/// The clocks of two machines differ: what seems to come from the future is new.
fn seconds_since(at: Millis) -> f64 {
    time::now().saturating_sub(at).max(0) as f64 / 1000.0
}

/// Counts every answer under its route's pattern.
pub(crate) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some(path) if path.starts_with("/widget/") => "/widget/".to_owned(),
        Some(path) => path.to_owned(),
        // Anybody can ask for any address: they must not each become a time series.
        None => "none".to_owned(),
    };
    let started = Instant::now();
    let response = next.run(request).await;
    app.metrics.answered(route, response.status().as_u16(), started.elapsed());
    response
}

/// The page that Prometheus reads. How much a shop sells is its own business: only for who shows
/// `BANQ_METRICS_TOKEN`, or asks on this machine without a proxy in between.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "operation",
    security((), ("metricsToken" = [])),
    responses((status = 200, description = "OpenMetrics.", content_type = "application/openmetrics-text", body = String))
)]
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    parts: Parts,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let shown = bearer::shows(app.config.metrics_token.as_ref(), &headers);
    if !shown && !Client::is_local(client_ip::peer(&parts), &headers) {
        return Err(Error::Unauthorized);
    }
    let metrics = &app.metrics;
    metrics.streams.set(count_of(app.hub.readers()));
    metrics.connections.set(count_of(app.connections.total()));
    metrics.ready.set(i64::from(app.is_ready().is_ok()));
    let (write, turn) = app.readiness.ages();
    if let Some(write) = write {
        metrics.write_age.get_or_create(&[]).set(write.as_secs_f64());
    }
    metrics.turn_age.set(turn.as_secs_f64());
    if let Some(ahead) = app.provider.clock_ahead() {
        metrics.clock_ahead.set(ahead as f64 / 1000.0);
    }
    // Without the database there are no depths, and the rest is wanted all the more.
    if let Ok(backlog) = app.store.backlog().await {
        for (queue, depth) in [
            ("inbox", backlog.webhooks),
            ("dead_letters", backlog.dead_letters),
            ("notifications", backlog.notifications),
            ("dead_notifications", backlog.dead_notifications),
            ("money_in_question", backlog.in_question),
        ] {
            metrics.queues.get_or_create(&Queue { queue }).set(i64::try_from(depth).unwrap_or(i64::MAX));
        }
    }
    if let Ok(trouble) = app.store.trouble().await {
        let given_up = i64::try_from(trouble.given_up_jobs).unwrap_or(i64::MAX);
        metrics.queues.get_or_create(&Queue { queue: "given_up_jobs" }).set(given_up);
        for (queue, oldest) in
            [("inbox", trouble.oldest_webhook), ("notifications", trouble.oldest_notification)]
        {
            let age = oldest.map_or(0, |at| time::now().saturating_sub(at).max(0) / 1000);
            metrics.queue_ages.get_or_create(&Queue { queue }).set(age);
        }
    }
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|_| Error::Row("a metric that cannot be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

fn count_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
