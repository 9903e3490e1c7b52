//! Describes the bodies that handlers read field by field. Handlers do so to name each mistake, which a derived reader
//! does not, so the schema is written here.

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
    /// The shop's own id, in Unicode's form NFC, of assigned, visible characters; blanks only inside, one at a time,
    /// and only U+0020.
    #[param(schema_with = order_id_text)]
    order_id: String,
}

/// The page's request. Additional fields are ignored.
#[derive(ToSchema)]
#[schema(as = PaymentLinkRequest)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct PaymentLinkRequest {
    #[schema(schema_with = order_id)]
    #[schema(rename = "orderId")]
    order_id: String,
    /// The order's `linkToken`; required if BANQ_LINK_TOKENS is `required`. A wrong token is refused in either case.
    #[schema(schema_with = token, required = false)]
    token: Option<String>,
    /// The text that the shopper reads; used only if the page may set prices.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// Dollars; used only if the page may set prices.
    #[schema(schema_with = funds, required = false)]
    funds: Option<String>,
}

/// An order's terms. An unknown field is refused: it may be a misspelt one.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct OrderTerms {
    #[schema(schema_with = funds)]
    funds: String,
    /// The provider's only currency.
    #[schema(schema_with = currency, required = false)]
    currency: Option<String>,
    /// The text that the shopper reads.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// How often the price is to be paid; `once` if absent.
    #[schema(schema_with = frequency, required = false)]
    frequency: Option<String>,
    /// The first day of a recurring payment, which requires one; not allowed for `once`.
    #[schema(rename = "startDate", schema_with = date, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, after the first; if absent, the payment recurs until it is canceled.
    #[schema(rename = "endDate", schema_with = date, required = false)]
    end_date: Option<String>,
}

/// A registered order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct RegisteredOrder {
    #[schema(rename = "orderId")]
    order_id: String,
    /// Dollars with two decimals.
    funds: String,
    currency: String,
    comment: String,
    /// The `token` with which a page requests the order's link; always the same for an order.
    #[schema(rename = "linkToken", schema_with = token_text)]
    link_token: String,
    /// How often the price is to be paid.
    #[schema(schema_with = frequency_word)]
    frequency: String,
    /// The first day of a recurring payment.
    #[schema(rename = "startDate", schema_with = date_text, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, if any.
    #[schema(rename = "endDate", schema_with = date_text, required = false)]
    end_date: Option<String>,
}

/// An order that the shop withdrew.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct WithdrawnOrder {
    #[schema(rename = "orderId")]
    order_id: String,
    /// When the order was first withdrawn, RFC 3339 UTC.
    #[schema(rename = "withdrawnAt")]
    withdrawn_at: String,
    /// The order's newest checkout; absent if no page ever requested a link.
    #[schema(required = false)]
    checkout: Option<WithdrawnCheckout>,
}

/// The newest checkout of a withdrawn order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct WithdrawnCheckout {
    #[schema(rename = "checkoutId")]
    checkout_id: String,
    /// `canceled`: the link was withdrawn. `processing`, `on_hold`: the shopper had acted, and the payment continues.
    status: wire::Status,
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Returns the schema of an order id; a whole number is accepted too, because many shops number their orders.
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

/// Allows `null`, which means the same as absent in a request.
fn nullable(schema: Schema) -> Schema {
    OneOfBuilder::new().item(schema).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn currency() -> Schema {
    nullable(text().enum_values(Some(["USD"])).into())
}

/// Returns the schema of a price: a decimal as text or as a number.
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
