//! What the bodies that are read field by field look like: their handlers name each mistake, which no derived reader
//! does, so they are described here.

use utoipa::{
    IntoParams, ToSchema,
    openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type},
};

use crate::{Frequency, domain::order_id as rule};

/// The order in a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the handler; this is its description")]
pub(crate) struct OrderPath {
    /// The shop's own, in Unicode's form NFC, of characters that are assigned and can be seen; blanks only inside, one
    /// at a time, and only U+0020.
    #[param(schema_with = order_id_text)]
    order_id: String,
}

/// What the page sends. More fields are the shop's own business.
#[derive(ToSchema)]
#[schema(as = PaymentLinkRequest)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct PaymentLinkRequest {
    #[schema(schema_with = order_id)]
    #[schema(rename = "orderId")]
    order_id: String,
    /// The order's `linkToken`; needed where BANQ_LINK_TOKENS is `required`, and never wrong.
    #[schema(schema_with = token, required = false)]
    token: Option<String>,
    /// What the shopper reads; used only where the page may set prices.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// Dollars; used only where the page may set prices.
    #[schema(schema_with = funds, required = false)]
    funds: Option<String>,
}

/// What an order costs. Another field is refused: it may be a misspelt one.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct OrderTerms {
    #[schema(schema_with = funds)]
    funds: String,
    /// The provider's one currency.
    #[schema(schema_with = currency, required = false)]
    currency: Option<String>,
    /// What the shopper reads.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// How often it is to be paid; absent is `once`.
    #[schema(schema_with = frequency, required = false)]
    frequency: Option<String>,
    /// The first day of a recurring payment, which needs one; an order that is paid once has none.
    #[schema(rename = "startDate", schema_with = date, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, after the first; absent: until it is canceled.
    #[schema(rename = "endDate", schema_with = date, required = false)]
    end_date: Option<String>,
}

/// An order as it is registered.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct RegisteredOrder {
    #[schema(rename = "orderId")]
    order_id: String,
    /// Dollars with two decimals.
    funds: String,
    currency: String,
    comment: String,
    /// What a page sends as `token` to get the order's link; always the same for an order.
    #[schema(rename = "linkToken", schema_with = token_text)]
    link_token: String,
    /// How often it is to be paid.
    #[schema(schema_with = frequency_word)]
    frequency: String,
    /// The first day of a recurring payment.
    #[schema(rename = "startDate", schema_with = date_text, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, if it has one.
    #[schema(rename = "endDate", schema_with = date_text, required = false)]
    end_date: Option<String>,
}

/// An order that the shop took back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct WithdrawnOrder {
    #[schema(rename = "orderId")]
    order_id: String,
    /// When it was withdrawn for the first time, RFC 3339 UTC.
    #[schema(rename = "withdrawnAt")]
    withdrawn_at: String,
    /// Its newest checkout; absent when no page ever asked for a link.
    #[schema(required = false)]
    checkout: Option<WithdrawnCheckout>,
}

/// The newest checkout of an order that the shop took back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct WithdrawnCheckout {
    #[schema(rename = "checkoutId")]
    checkout_id: String,
    /// `canceled`: the link was withdrawn. `processing`, `on_hold`: the shopper had acted, and the payment goes on.
    status: wire::Status,
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Also a whole number: many shops number their orders.
fn order_id() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    OneOfBuilder::new().item(order_id_text()).item(number).into()
}

fn order_id_text() -> Schema {
    text().min_length(Some(1)).max_length(Some(rule::LONGEST)).pattern(Some(rule::pattern())).into()
}

fn token_text() -> Schema {
    text().pattern(Some("^[A-Za-z0-9_-]{22}$")).into()
}

fn token() -> Schema {
    nullable(token_text())
}

fn comment() -> Schema {
    nullable(text().max_length(Some(200)).pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*$")).into())
}

fn frequency_word() -> Schema {
    text().enum_values(Some(Frequency::ALL.map(Frequency::as_str))).into()
}

fn frequency() -> Schema {
    nullable(frequency_word())
}

fn date_text() -> Schema {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into()
}

fn date() -> Schema {
    nullable(date_text())
}

/// In a request `null` is as good as absent.
fn nullable(schema: Schema) -> Schema {
    OneOfBuilder::new().item(schema).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn currency() -> Schema {
    nullable(text().enum_values(Some(["USD"])).into())
}

/// A decimal as text, or as a number.
fn funds() -> Schema {
    let pattern = r"^(0\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,5}(\.[0-9]{1,2})?)$";
    let number = ObjectBuilder::new()
        .schema_type(Type::Number)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .multiple_of(Some(0.01))
        .exclusive_minimum(Some(0))
        .exclusive_maximum(Some(1_000_000));
    OneOfBuilder::new().item(text().pattern(Some(pattern))).item(number).into()
}
