//! Waits and intervals; only tests change them.

use std::time::Duration;

/// How much longer than all of the server's own waits the retention must be: a provider repeats webhooks after days, and
/// people investigate after weeks.
const RETENTION_MARGIN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Debug, Clone)]
/// Timeouts, pauses and intervals; `Default` has the values of a real server.
pub struct Tuning {
    /// For a connection to the provider.
    pub connect_timeout: Duration,
    /// For one request to the provider.
    pub request_timeout: Duration,
    /// For a call to the provider with all retries; a shopper is waiting.
    pub provider_deadline: Duration,
    /// The pause before the first retry of a request to the provider; doubled for each further one.
    pub retry_pause: Duration,
    /// The worker's first pause after a failure; doubled for each further one.
    pub worker_pause: Duration,
    /// The worker's longest such pause.
    pub worker_longest_pause: Duration,
    /// How often the worker asks about a new payment without a webhook; less often for an older one.
    pub poll_interval: Duration,
    /// How long the worker asks about a paid payment because of a reversal. US bank debits can be returned for 60 days.
    pub reversal_window: Duration,
    /// How long the worker asks about a link that ended here, in case it is still paid.
    pub late_payment_window: Duration,
    /// How long an instance keeps a claimed job before another one takes it. Longer than any call to the provider or
    /// the shop, and than their clocks differ.
    pub lease: Duration,
    /// The worker's longest sleep, after which it finds jobs of other instances or of an operator.
    pub worker_max_sleep: Duration,
    /// After how many failures without an outage a webhook becomes a dead letter.
    pub dead_after_faults: u32,
    /// The minimum time over which those failures must be spread. A crash of the process counts as a failure of every
    /// running job, and a crash loop must not make an innocent one a dead letter. Longer than a crash loop that a
    /// supervisor gives up on, and about as long as so many pauses in total.
    pub dead_after_faults_for: Duration,
    /// How long a webhook is retried during an outage before it becomes a dead letter.
    pub dead_after: Duration,
    /// For the shop's response, including the connection: within the 15 to 30 seconds that Standard Webhooks
    /// recommends.
    pub fulfilment_timeout: Duration,
    /// The pauses after each failed attempt to notify the shop; after the last one the notification is dead.
    pub fulfilment_pauses: Vec<Duration>,
    /// How often an instance on a PostgreSQL reads again what its pages watch, in case a notification of another instance
    /// was lost.
    pub watched_sweep: Duration,
    /// How often the log reports states that a person must handle.
    pub alert_interval: Duration,
    /// How long a webhook or a notification may wait before the log reports it.
    pub late_after: Duration,
    /// How often rows older than the retention are deleted.
    pub retention_interval: Duration,
    /// How often a stream sends a heartbeat. Proxies close silent streams, some after 10 s; the page treats a stream
    /// that is silent for 40 s as held back.
    pub heartbeat: Duration,
    /// For a request's head, from its first byte or from the start of the connection.
    pub header_timeout: Duration,
    /// How long a client may read nothing while bytes wait to be sent.
    pub write_timeout: Duration,
    /// For a request's body.
    pub body_timeout: Duration,
    /// How long a stop waits for running work.
    pub stop_timeout: Duration,
    /// Whether the server signs in to the provider at the start, so that wrong credentials are found at once.
    pub sign_in: bool,
    /// How often the log reports the number of refused requests that have no line of their own.
    pub log_interval: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            provider_deadline: Duration::from_secs(12),
            retry_pause: Duration::from_millis(200),
            worker_pause: Duration::from_secs(1),
            worker_longest_pause: Duration::from_secs(300),
            poll_interval: Duration::from_secs(60),
            reversal_window: Duration::from_secs(60 * 24 * 60 * 60),
            late_payment_window: Duration::from_secs(7 * 24 * 60 * 60),
            lease: Duration::from_secs(20),
            worker_max_sleep: Duration::from_secs(5),
            dead_after_faults: 10,
            dead_after_faults_for: Duration::from_secs(10 * 60),
            dead_after: Duration::from_secs(3 * 24 * 60 * 60),
            fulfilment_timeout: Duration::from_secs(15),
            fulfilment_pauses: notification_pauses(),
            watched_sweep: Duration::from_secs(20),
            alert_interval: Duration::from_secs(10 * 60),
            late_after: Duration::from_secs(60 * 60),
            retention_interval: Duration::from_secs(60 * 60),
            heartbeat: Duration::from_secs(8),
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(15),
            sign_in: true,
            log_interval: Duration::from_secs(60),
        }
    }
}

/// Returns pauses of almost seven days in total: longer than a long weekend, when the shop is closed.
fn notification_pauses() -> Vec<Duration> {
    let first = [10, 60, 600, 3_600, 21_600].map(Duration::from_secs);
    first.into_iter().chain(std::iter::repeat_n(Duration::from_secs(12 * 60 * 60), 13)).collect()
}

impl Tuning {
    /// Returns the time for which stored data may still be needed: for a reversal, a late payment, a repeated webhook,
    /// or a retried notification. 90 days by default.
    pub(super) fn shortest_retention(&self) -> Duration {
        let notifying =
            self.fulfilment_pauses.iter().fold(Duration::ZERO, |sum, pause| sum.saturating_add(*pause));
        let waits = [self.reversal_window, self.late_payment_window, self.dead_after, notifying];
        let longest = waits.into_iter().max().unwrap_or_default();
        longest.saturating_add(RETENTION_MARGIN)
    }
}
