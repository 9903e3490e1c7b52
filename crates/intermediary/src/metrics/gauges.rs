//! Gauges, set when Prometheus reads them.

use std::{fmt, time::Duration};

use super::{Format, Metrics, labels::Queue};
use crate::{
    domain::time::{self, Millis},
    store::{Alerts, Backlog},
};

pub(crate) struct Gauges {
    pub(crate) streams: usize,
    pub(crate) connections: usize,
    pub(crate) is_ready: bool,
    pub(crate) since_write: Option<Duration>,
    pub(crate) since_turn: Duration,
    /// How far this machine's clock is ahead of the provider's, in milliseconds.
    pub(crate) clock_ahead: Option<Millis>,
    /// Whether NATS wakes the other instances; `None` without `BANQ_NATS_URL`.
    pub(crate) is_nats_usable: Option<bool>,
    /// `None` if the database is unreachable.
    pub(crate) backlog: Option<Backlog>,
    /// `None` if the database is unreachable.
    pub(crate) trouble: Option<Alerts>,
}

impl Metrics {
    /// Sets the gauges and returns all metrics as text.
    pub(crate) fn text(&self, gauges: &Gauges, format: Format) -> Result<String, fmt::Error> {
        self.set(gauges);
        format.write(&self.registry)
    }

    fn set(&self, gauges: &Gauges) {
        self.streams.set(as_gauge(gauges.streams));
        self.connections.set(as_gauge(gauges.connections));
        self.ready.set(gauges.is_ready.into());
        if let Some(since) = gauges.since_write {
            self.write_age.get_or_create(&[]).set(since.as_secs_f64());
        }
        self.turn_age.set(gauges.since_turn.as_secs_f64());
        if let Some(ahead) = gauges.clock_ahead {
            self.clock_ahead.set(ahead as f64 / 1000.0);
        }
        if let Some(is_usable) = gauges.is_nats_usable {
            self.nats.get_or_create(&[]).set(is_usable.into());
        }
        if let Some(backlog) = &gauges.backlog {
            for (queue, depth) in [
                ("inbox", backlog.webhooks),
                ("dead_letters", backlog.dead_letters),
                ("notifications", backlog.notifications),
                ("dead_notifications", backlog.dead_notifications),
                ("money_in_question", backlog.in_question),
            ] {
                self.queues.get_or_create(&Queue { queue }).set(as_gauge(depth));
            }
        }
        if let Some(trouble) = &gauges.trouble {
            self.queues.get_or_create(&Queue { queue: "given_up_jobs" }).set(as_gauge(trouble.given_up_jobs));
            for (queue, oldest) in
                [("inbox", trouble.oldest_webhook), ("notifications", trouble.oldest_notification)]
            {
                let age = oldest.map_or(0, |at| time::now().saturating_sub(at).max(0) / 1000);
                self.queue_ages.get_or_create(&Queue { queue }).set(age);
            }
        }
    }
}

fn as_gauge(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
