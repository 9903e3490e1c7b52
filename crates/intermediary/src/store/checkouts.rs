//! Reads the open checkout of an order, and changes the status of a checkout.

use super::{
    Checkout, Trigger,
    audit::{self, note},
    changes,
    db::Tx,
    statement::sql,
};
use crate::{
    domain::{time, transition::PaymentState},
    store::Error,
};

pub(super) async fn open_checkout(tx: &mut Tx, order_id: &str) -> Result<Option<Checkout>, Error> {
    let text = format!(
        "SELECT {} FROM checkouts WHERE order_id = $1 AND status IN ('pending', 'processing', 'on_hold')",
        Checkout::COLUMNS
    );
    sql(text).bind(order_id).first(tx).await?.as_ref().map(Checkout::from_row).transpose()
}

/// Writes a state without an issue; see [`write_change`].
pub(super) async fn write_standing(
    tx: &mut Tx,
    before: &Checkout,
    state: PaymentState,
    trigger: &Trigger,
) -> Result<Option<Checkout>, Error> {
    write_change(tx, before, state, None, trigger).await
}

/// Writes a state. Returns the checkout as it is then, or `None` if its version has changed meanwhile. Opens a closed
/// case again. The caller holds the order's lock. Only `settle_case`, for an operator, changes a status elsewhere; it
/// never writes `paid`.
pub(super) async fn write_change(
    tx: &mut Tx,
    before: &Checkout,
    state: PaymentState,
    detail: Option<&str>,
    trigger: &Trigger,
) -> Result<Option<Checkout>, Error> {
    let now = time::now();
    let written = sql("UPDATE checkouts SET status = $1, fail_reason = $2, issue = $6, issue_detail = $7,
             settled_at = NULL, version = version + 1, updated_at = $3
         WHERE checkout_id = $4 AND version = $5")
    .bind(state.status.as_str())
    .bind(state.reason.map(|reason| reason.as_str()))
    .bind(now)
    .bind(before.id.as_str())
    .bind(before.version)
    .bind(state.issue.map(|issue| issue.as_str()))
    .bind(detail)
    .run(&mut *tx)
    .await?;
    if written == 0 {
        return Ok(None);
    }
    let after = Checkout {
        state,
        issue_detail: detail.map(str::to_owned),
        settled_at: None,
        version: before.version + 1,
        updated_at: now,
        ..before.clone()
    };
    note(tx, &after, audit::Changed::Status, trigger).await?;
    changes::tell(tx, &after.id);
    Ok(Some(after))
}
