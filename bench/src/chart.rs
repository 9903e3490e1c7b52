//! Draws the figures that have a yardstick as an SVG: two bars for each, ours above theirs.

use std::fmt::Write as _;

use crate::figure::{Figure, short};

const WIDTH: usize = 860;
/// Height of a figure: its name, and two bars.
const ROW: usize = 58;
const LEFT: usize = 16;
/// The longest bar.
const BAR: f64 = 620.0;
const TOP: usize = 56;

/// The colours also suit a dark page, and differ in lightness too.
const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328 } \
.name { font-weight: 600 } \
.ours { fill: #0b6bcb } .theirs { fill: #9aa4b2 } .ground { fill: #fff } \
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ground { fill: #0d1117 } .ours { fill: #4ea1ff } .theirs { fill: #5b6675 } }";

/// Returns the SVG's text.
pub(crate) fn svg(figures: &[Figure]) -> String {
    let compared: Vec<_> =
        figures.iter().filter_map(|figure| Some((figure, figure.yardstick.as_ref()?))).collect();
    let height = TOP + compared.len() * ROW + 12;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>Measured beside what a developer would write instead</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <rect class=\"ours\" x=\"{LEFT}\" y=\"16\" width=\"12\" height=\"12\"/>\
         <text x=\"{0}\" y=\"27\">banq-checkout</text>\
         <rect class=\"theirs\" x=\"{1}\" y=\"16\" width=\"12\" height=\"12\"/>\
         <text x=\"{2}\" y=\"27\">the yardstick of the same run</text>\n",
        LEFT + 20,
        LEFT + 140,
        LEFT + 160,
    );
    for (number, (figure, yardstick)) in compared.into_iter().enumerate() {
        let top = TOP + number * ROW;
        let longest = figure.ours.max(yardstick.value);
        let better = if figure.more_is_better { "more is better" } else { "less is better" };
        let name = escaped(&format!("{}: {}, {} ({better})", figure.part, figure.what, figure.unit));
        let _ = writeln!(svg, "<text class=\"name\" x=\"{LEFT}\" y=\"{}\">{name}</text>", top + 10);
        let bars = [("ours", figure.ours, "banq-checkout"), ("theirs", yardstick.value, yardstick.name)];
        for (line, (class, value, who)) in bars.into_iter().enumerate() {
            let (y, width) = (top + 16 + line * 17, if longest > 0.0 { BAR * value / longest } else { 0.0 });
            let label = escaped(&format!("{} {who}", short(value)));
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"14\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{label}</text>",
                LEFT as f64 + width + 8.0,
                y + 12,
            );
        }
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::svg;
    use crate::figure::Figure;

    #[test]
    fn the_longer_bar_is_full_and_the_other_in_proportion() {
        let figure = Figure::less("page", "click < code", "ms", vec![30.0]).beside("JavaScript", vec![20.0]);
        let svg = svg(&[figure, Figure::less("bytes", "alone", "bytes", vec![1.0])]);
        assert!(svg.contains("class=\"ours\" x=\"16\" y=\"72\" width=\"620.0\""), "{svg}");
        assert!(svg.contains("class=\"theirs\" x=\"16\" y=\"89\" width=\"413.3\""), "{svg}");
        assert!(svg.contains("click &lt; code") && !svg.contains("alone"), "{svg}");
    }
}
