//! A picture for everybody: a figure that is the same left and right, in one of sixteen colours.

use std::fmt::Write as _;

/// Cells in a row and in a column.
const SIZE: usize = 5;

/// Background and figure: sixteen hues of equal lightness (OKLCH 0.51 and 0.96), far enough from
/// each other to read the figure, and the background from both a white and a black page.
const COLOURS: [[&str; 2]; 16] = [
    ["#a24055", "#ffeaed"],
    ["#a34432", "#ffebe5"],
    ["#95521d", "#ffeddf"],
    ["#885c00", "#fdf0dc"],
    ["#756700", "#f6f3dc"],
    ["#5b701c", "#eef5e0"],
    ["#38763c", "#e6f8e6"],
    ["#007959", "#e0f9ee"],
    ["#007974", "#dcf9f6"],
    ["#00758b", "#dcf8fe"],
    ["#006fa5", "#dff6ff"],
    ["#3165af", "#e6f3ff"],
    ["#595bae", "#edf0ff"],
    ["#7551a3", "#f5edff"],
    ["#8a488e", "#fdebfd"],
    ["#994274", "#ffeaf5"],
];

/// The SVG of an avatar's id; `None` if it is not 16 lower-case hexadecimal digits.
pub fn identicon(id: &str) -> Option<String> {
    let well_formed = id.len() == 16 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let bits = u64::from_str_radix(id, 16).ok().filter(|_| well_formed)?;
    let [background, figure] = COLOURS[(bits >> 60) as usize];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 12 12\">\
         <path fill=\"{background}\" d=\"M0 0h12v12H0z\"/><path fill=\"{figure}\" d=\""
    );
    Figure::of(bits).draw(&mut svg);
    svg.push_str("\"/></svg>");
    Some(svg)
}

/// Which cells are filled, by row and column.
struct Figure([[bool; SIZE]; SIZE]);

impl Figure {
    /// The lowest 15 bits fill the left three columns, and the right ones like a mirror.
    fn of(bits: u64) -> Self {
        let filled = |row: usize, column: usize| {
            let bit = row + SIZE * column.min(SIZE - 1 - column);
            bits >> bit & 1 == 1
        };
        let figure = Self(std::array::from_fn(|row| std::array::from_fn(|col| filled(row, col))));
        let count = figure.0.iter().flatten().filter(|cell| **cell).count();
        // Hardly anything to see: its negative is a picture.
        if count < 6 { Self(figure.0.map(|row| row.map(|cell| !cell))) } else { figure }
    }

    fn is_filled(&self, row: isize, column: isize) -> bool {
        let cell = |at: isize| usize::try_from(at).ok();
        cell(row)
            .zip(cell(column))
            .and_then(|(row, column)| self.0.get(row)?.get(column).copied())
            .unwrap_or(false)
    }

    /// Writes the figure as the data of a path: a cell is 2 wide, and rounded at each corner
    /// where it has no neighbour.
    fn draw(&self, path: &mut String) {
        for (row, column) in
            (0..SIZE as isize).flat_map(|row| (0..SIZE as isize).map(move |c| (row, c)))
        {
            if !self.is_filled(row, column) {
                continue;
            }
            let up = self.is_filled(row - 1, column);
            let down = self.is_filled(row + 1, column);
            let left = self.is_filled(row, column - 1);
            let right = self.is_filled(row, column + 1);
            // From the middle of the left side, clockwise.
            let _ = write!(path, "M{} {}", 1 + 2 * column, 2 + 2 * row);
            path.push_str(if up || left { "v-1h1" } else { "a1 1 0 0 1 1-1" });
            path.push_str(if up || right { "h1v1" } else { "a1 1 0 0 1 1 1" });
            path.push_str(if down || right { "v1h-1" } else { "a1 1 0 0 1-1 1" });
            path.push_str(if down || left { "h-1v-1z" } else { "a1 1 0 0 1-1-1z" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_colour_can_be_told_from_its_figure_and_from_light_and_dark_pages() {
        for [background, figure] in COLOURS {
            assert!(contrast(background, figure) >= 4.5, "{background} {figure}");
            assert!(contrast(background, "#ffffff") >= 3.0, "{background}");
            assert!(contrast(background, "#101618") >= 2.5, "{background}");
        }
    }

    #[test]
    fn what_is_no_id_has_no_picture() {
        for id in [
            "",
            "0",
            "0123456789abcde",
            "0123456789abcdef0",
            "0123456789ABCDEF",
            "+123456789abcdef",
            "é23456789abcdef",
        ] {
            assert_eq!(identicon(id), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn every_id_has_a_picture_with_something_in_it(bits: u64) {
            let svg = identicon(&format!("{bits:016x}")).unwrap();
            prop_assert!(svg.matches('M').count() > 6, "{}", svg);
            prop_assert!(svg.len() < 2_000);
        }

        #[test]
        fn a_picture_is_the_same_left_and_right(bits: u64) {
            let Figure(rows) = Figure::of(bits);
            for row in rows {
                let mut mirrored = row;
                mirrored.reverse();
                prop_assert_eq!(row, mirrored);
            }
        }
    }
}
