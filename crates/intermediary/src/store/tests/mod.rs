//! The conformance suite: the promises of the store, on both SQLite and PostgreSQL, and those of only one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agreement;
mod changes;
mod deaths;
mod faults;
mod fixtures;
mod group_commit;
mod jobs;
mod later;
mod links;
mod migration;
mod nats;
mod notifications_table;
mod outbox;
mod records;
mod retention;
mod withdrawal;

/// Runs these functions of these modules on each database.
macro_rules! conformance {
    ($($of:ident: $($name:ident)+;)+) => {
        mod on_sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$of::$name(super::fixtures::Place::sqlite()).await;
            })+)+
        }
        mod on_postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$of::$name(super::fixtures::Place::postgres().await).await;
            })+)+
        }
    };
}

conformance! {
    links:
    an_order_has_the_terms_that_came_last_until_it_is_paid
    ten_requests_at_two_instances_ask_once
    attempt_of_a_dead_instance_continues_with_the_same_key
    refused_attempt_gets_a_new_key_and_an_expired_one_is_closed
    a_link_is_recorded_once_and_then_alive
    other_terms_close_a_checkout_that_never_had_a_link;
    jobs:
    a_webhook_that_comes_twice_is_stored_once
    an_unknown_webhook_is_kept_and_makes_no_work
    a_hundred_jobs_and_eight_claimers_each_is_done_once
    job_requested_again_during_its_work_is_not_lost
    lease_by_a_wrong_clock_is_taken_over
    look_for_jobs_waits_for_no_write
    webhook_that_is_read_by_the_work_makes_no_more_of_it
    the_job_of_a_fresh_webhook_is_claimed_with_it
    ended_lease_passes_on_and_its_first_holder_ends_nothing
    any_number_of_webhooks_is_settled_at_once
    a_start_tries_again_what_failed_and_asks_for_nothing_else_early
    times_by_a_clock_that_was_ahead_are_repaired
    failures_are_counted_and_outages_are_no_faults;
    records:
    of_two_answers_the_second_is_overtaken_and_writes_nothing
    checkout_paid_by_two_instances_is_notified_once
    every_change_is_in_the_audit_with_its_cause_and_stays_there
    a_dead_letter_is_listed_and_replayed_once
    a_transactions_webhooks_become_their_payments
    a_person_sees_checkouts_and_what_is_waiting;
    outbox:
    the_shop_is_told_of_paid_paid_again_and_reversed_once_each
    link_at_an_outdated_price_does_not_pay_the_order
    schedule_is_a_part_of_the_price
    paid_order_stays_paid_when_its_price_changes
    a_price_that_is_said_counts_more_than_any_that_is_kept
    order_without_registered_price_costs_its_newest_checkout
    late_payment_closes_the_other_link_unless_acted_on
    news_before_any_shop_is_told_is_kept_unaddressed
    a_notification_is_retried_given_up_and_replayed_under_its_id;
    agreement:
    agreement_is_told_once_and_its_end_once
    payment_that_is_made_once_has_no_agreement
    agreement_after_an_issue_is_told_again
    agreement_that_the_order_does_not_ask_for_is_told_as_such
    agreement_changes_no_id_of_a_notification_about_money
    agreement_is_not_told_again_after_its_row_was_deleted
    agreed_link_that_another_payment_or_the_shop_ends_is_told;
    notifications_table:
    the_tables_of_the_document_are_true;
    retention:
    old_finished_rows_are_deleted_and_young_ones_are_kept
    paid_checkout_is_kept_and_notified_only_once
    the_database_itself_keeps_money_and_its_audit
    row_with_a_job_or_for_a_person_is_never_deleted
    a_checkout_stays_as_long_as_an_older_one_of_its_order
    two_instances_that_delete_at_once_delete_each_row_once
    order_registered_again_or_requested_keeps_its_price;
    deaths:
    deaths_are_counted_until_the_work_comes_to_an_end
    job_that_died_waits_longer_each_time_even_after_a_start
    faults_are_counted_from_the_first_one_on;
    withdrawal:
    a_withdrawn_order_gets_no_link_until_it_is_registered_again
    a_withdrawal_during_the_request_for_a_link_leaves_no_link
    a_withdrawal_and_ten_requests_at_once_leave_no_link
    a_payment_under_way_survives_a_withdrawal_and_is_told
    money_after_a_withdrawal_is_told_as_such_and_pays_nothing
    a_withdrawal_counts_only_where_orders_are_registered;
}
