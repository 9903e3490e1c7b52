//! Draws the payment link as a QR code.
//!
//! It is drawn on a canvas, whose pixels no stylesheet reaches: scanners need dark on light, even if the page, the
//! system's colours or an extension that darkens pages has other colours.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use yew::{Html, html};

use super::ViewProps;
use crate::messages::Text;
use crate::state::Checkout;

/// Light modules around the code, on each side; the standard asks for four.
const QUIET_ZONE: usize = 4;
/// The width of a module, in pixels of the canvas.
const SCALE: usize = 8;

/// Draws the canvas, which [`draw`] fills.
pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    html! {
        <canvas
            ref={&props.nodes.code}
            class="qr"
            role="img"
            aria-label={props.text(Text::Code)}
            data-link={checkout.info.url.as_str().to_owned()}
        />
    }
}

/// Draws a text as a QR code. Hides the canvas if the text is over 2,331 bytes, which do not fit.
pub fn draw(canvas: &HtmlCanvasElement, text: &str) {
    let code = Code::of(text);
    canvas.set_hidden(code.is_none());
    if let Some(code) = code {
        code.draw(canvas);
    }
}

/// The modules of a QR code.
struct Code {
    /// Modules on each side.
    width: usize,
    /// The modules, row after row.
    colors: Vec<Color>,
}

impl Code {
    /// Encodes the bytes of a text in the smallest version that holds them.
    fn of(text: &str) -> Option<Self> {
        let matrix = (1..=40).find_map(|version| {
            let mut bits = Bits::new(Version::Normal(version));
            bits.push_byte_data(text.as_bytes()).ok()?;
            bits.push_terminator(EcLevel::M).ok()?;
            QrCode::with_bits(bits, EcLevel::M).ok()
        })?;
        Some(Self { width: matrix.width(), colors: matrix.into_colors() })
    }

    /// Returns column and row of each dark module.
    fn dark_modules(&self) -> impl Iterator<Item = (usize, usize)> {
        let dark = self.colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark);
        dark.map(|(index, _)| (index % self.width, index / self.width))
    }

    fn draw(&self, canvas: &HtmlCanvasElement) {
        let side = ((self.width + 2 * QUIET_ZONE) * SCALE) as u32;
        canvas.set_width(side);
        canvas.set_height(side);
        let Ok(Some(context)) = canvas.get_context("2d") else { return };
        let context: CanvasRenderingContext2d = context.unchecked_into();
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, side.into(), side.into());
        context.set_fill_style_str("#000");
        for (x, y) in self.dark_modules() {
            let at = |module| ((module + QUIET_ZONE) * SCALE) as f64;
            context.fill_rect(at(x), at(y), SCALE as f64, SCALE as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_has_its_three_finder_patterns() {
        let code = Code::of("https://link.banq.com/abc").unwrap();
        let dark: Vec<_> = code.dark_modules().collect();
        let last = code.width - 1;
        for corner in [(0, 0), (last, 0), (0, last)] {
            assert!(dark.contains(&corner), "{corner:?}");
        }
        assert!(dark.iter().all(|(x, y)| *x <= last && *y <= last));
    }

    #[test]
    fn the_smallest_version_that_fits_is_taken() {
        // The standard's table: 14 bytes fit version 1 at level M, 2,331 fit version 40.
        for (bytes, width) in [(14, 21), (15, 25), (2_331, 177)] {
            assert_eq!(Code::of(&"x".repeat(bytes)).unwrap().width, width, "{bytes}");
        }
    }

    #[test]
    fn a_link_that_does_not_fit_has_no_code() {
        assert!(Code::of(&"x".repeat(2_332)).is_none());
    }
}
