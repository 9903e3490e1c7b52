//! The name, unit and help text of each metric.

use prometheus_client::{metrics::info::Info, registry::Unit};

use super::Metrics;

impl Metrics {
    pub(super) fn register(&mut self) {
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
        registry.register("webhooks", "Webhooks, by the result of their arrival", self.webhooks.clone());
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
            "Responses of the provider with a status that this version does not know",
            self.unknown_statuses.clone(),
        );
        registry.register(
            "paid_amount",
            "Money that was paid, in major units (dollars), by currency",
            self.paid_amount.clone(),
        );
        registry.register(
            "reversed_amount",
            "Money that was paid and went back, in major units (dollars), by currency",
            self.reversed_amount.clone(),
        );
        registry.register(
            "notifications",
            "Attempts to notify the shop: delivered, failed and to be repeated, or failed and given up",
            self.notifications.clone(),
        );
        registry.register(
            "limited",
            "By limit: links and connections that were refused, streams and idle connections that gave way",
            self.limited.clone(),
        );
        registry.register("problems", "Requests refused or failed, by problem code", self.problems.clone());
        registry.register(
            "browser_reports",
            "Violated policies, as browsers report them of pages of the shop and of unknown ones",
            self.browser_reports.clone(),
        );
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
        registry.register(
            "nats_connected",
            "Whether NATS wakes the streams of other instances",
            self.nats.clone(),
        );
        registry.register_with_unit(
            "clock_ahead",
            "How far this machine's clock is ahead of the payment provider's",
            Unit::Seconds,
            self.clock_ahead.clone(),
        );
        // The library adds the suffix `_info`.
        registry.register(
            "build",
            "The program's version",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register_with_unit("start_time", "When it started", Unit::Seconds, self.started.clone());
    }
}
