//! The link as a QR code: one SVG path, dark on light in every theme, since scanners need it so.

use qrcodegen::{QrCode, QrCodeEcc};
use yew::Html;

use super::element::el;
use crate::decimal::decimal;

/// Light modules around the code, on each side; the standard asks for four.
const QUIET_ZONE: i32 = 4;

pub(super) fn view(text: &str) -> Html {
    // Only a link of over 2,331 bytes does not fit; it is then shown as text alone.
    let Some((path, size)) = path(text) else { return Html::default() };
    let size = decimal(size.unsigned_abs());
    let light = el("path", "light").set("d", ["M0 0h", &size, "v", &size, "H0z"].concat().into());
    el("svg", "qr")
        .attr("role", "img")
        .attr("aria-label", "QR code with the payment link")
        .attr("shape-rendering", "crispEdges")
        .set("viewBox", ["0 0 ", &size, " ", &size].concat().into())
        .child(light.done())
        .child(el("path", "").set("d", path.into()).done())
        .done()
}

/// The dark modules as one path, a rectangle for each run in a row, and the side length with its margin.
fn path(text: &str) -> Option<(String, i32)> {
    let code = QrCode::encode_binary(text.as_bytes(), QrCodeEcc::Medium).ok()?;
    let width = code.size();
    let mut path = String::new();
    for y in 0..width {
        let mut x = 0;
        while x < width {
            let start = x;
            // Outside the code every module is light, so a run ends at the edge.
            while code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                let [left, top, length] =
                    [start + QUIET_ZONE, y + QUIET_ZONE, x - start].map(|n| decimal(n.unsigned_abs()));
                path.push_str(&["M", &left, " ", &top, "h", &length, "v1h-", &length, "z"].concat());
            }
            x += 1;
        }
    }
    Some((path, width + 2 * QUIET_ZONE))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_path_keeps_the_quiet_zone_free() {
        let (path, size) = path("https://link.banq.com/abc").unwrap();
        for part in path.split('M').skip(1) {
            let numbers: Vec<i32> =
                part.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            let (x, y, run) = (numbers[0], numbers[1], numbers[2]);
            assert!(x >= 4 && y >= 4 && x + run <= size - 4 && y < size - 4, "{part}");
        }
    }

    #[test]
    fn a_link_that_does_not_fit_has_no_code() {
        assert!(path(&"x".repeat(3_000)).is_none());
    }
}
