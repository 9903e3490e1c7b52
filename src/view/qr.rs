//! The link as a QR code: one SVG path, dark on light in every theme, since scanners need it so.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};
use yew::{Html, html};

/// Light modules around the code, on each side; the standard asks for four.
const QUIET_ZONE: usize = 4;

pub(super) fn view(text: &str) -> Html {
    // Only a link of over 2,331 bytes does not fit; it is then shown as text alone.
    let Some((path, size)) = path(text) else { return html! {} };
    let size = size.to_string();
    html! {
        <svg class="qr" role="img" aria-label="QR code with the payment link"
            viewBox={["0 0 ", &size, " ", &size].concat()} shape-rendering="crispEdges">
            <path class="light" d={["M0 0h", &size, "v", &size, "H0z"].concat()} />
            <path d={path} />
        </svg>
    }
}

/// The dark modules as one path, a rectangle for each run in a row, and the side length with its margin.
fn path(text: &str) -> Option<(String, usize)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a String cannot fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
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
            let numbers: Vec<usize> =
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
