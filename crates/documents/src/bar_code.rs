//! Bar codes as pictures: Aztec (ISO/IEC 24778) for screens, PDF417 (ISO/IEC 15438) for paper; both are what boarding passes have by
//! IATA Resolution 792.

use rxing::aztec::encoder::aztec_encoder;
use rxing::pdf417::encoder::PDF417;

use crate::PaperError;

/// Of an Aztec code, how much is there to repair it, percent (ISO/IEC 24778 recommends 23 and three words).
const AZTEC_REPAIR: u32 = 23;
/// Layers are chosen by what there is to say.
const AZTEC_LAYERS: i32 = 0;
/// Of a PDF417 code, the level of repair for up to 160 code words (ISO/IEC 15438, annex E).
const PDF417_REPAIR: u32 = 3;
/// A module of PDF417 is at least three times as high as wide (ISO/IEC 15438, 5.8.2).
const PDF417_HEIGHT: usize = 3;
/// The light margin around a code, modules: PDF417 needs two, Aztec none, and readers like more.
const QUIET: usize = 4;
/// The most pixels that a module may have on each side.
pub const SCALE_MAX: u8 = 20;

/// A bar code: dark and light modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarCode {
    /// Rows from the top, each from the left; `true` is dark.
    rows: Vec<Vec<bool>>,
}

impl BarCode {
    /// A square for screens. The text is printable ASCII.
    pub fn aztec(text: &str) -> Result<Self, PaperError> {
        let code = aztec_encoder::encode(text, AZTEC_REPAIR, AZTEC_LAYERS)
            .map_err(|error| PaperError(error.to_string()))?;
        let (matrix, size) = (code.getMatrix(), code.getSize());
        Ok(Self { rows: (0..size).map(|y| (0..size).map(|x| matrix.get(x, y)).collect()).collect() })
    }

    /// A wide one for paper. The text is printable ASCII.
    pub fn pdf417(text: &str) -> Result<Self, PaperError> {
        let mut encoder = PDF417::new();
        encoder.generateBarcodeLogic(text, PDF417_REPAIR).map_err(|error| PaperError(error.to_string()))?;
        let matrix = encoder.getBarcodeMatrix().as_ref();
        let matrix = matrix.ok_or_else(|| PaperError("no bar code came of it".to_owned()))?;
        // The library gives the last row first.
        let rows = matrix.getScaledMatrix(1, PDF417_HEIGHT).into_iter().rev();
        Ok(Self { rows: rows.map(|row| row.into_iter().map(|module| module != 0).collect()).collect() })
    }

    /// Width and height with the light margin, modules.
    pub fn size(&self) -> (usize, usize) {
        let width = self.rows.first().map_or(0, Vec::len);
        (width + 2 * QUIET, self.rows.len() + 2 * QUIET)
    }

    /// Dark runs of modules in a row: left, top, width; with the margin.
    pub(crate) fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for (y, row) in self.rows.iter().enumerate() {
            let mut x = 0;
            while x < row.len() {
                let dark = row[x..].iter().take_while(|dark| **dark).count();
                if dark > 0 {
                    runs.push((x + QUIET, y + QUIET, dark));
                }
                x += dark.max(1);
            }
        }
        runs
    }

    /// As SVG, a unit for each module, dark on white. `title` is what it is, for those who do not see it.
    pub fn svg(&self, title: &str) -> String {
        let (width, height) = self.size();
        let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let path: String =
            self.runs().iter().map(|(x, y, dark)| format!("M{x} {y}h{dark}v1h-{dark}z")).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\" role=\"img\">\
             <title>{escaped}</title><path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }

    /// As PNG of one bit a pixel, with 1 to [`SCALE_MAX`] pixels on each side of a module.
    pub fn png(&self, scale: u8) -> Result<Vec<u8>, PaperError> {
        let failed = |error: png::EncodingError| PaperError(error.to_string());
        let scale = usize::from(scale.clamp(1, SCALE_MAX));
        let (width, height) = self.size();
        let (wide, high) = (width * scale, height * scale);
        let side = |pixels: usize| u32::try_from(pixels).map_err(|_| PaperError("too large".to_owned()));
        // Light is 1. Every row of pixels begins with a new byte.
        let line = wide.div_ceil(8);
        let mut pixels = vec![0xFF_u8; line * high];
        for (left, top, dark) in self.runs() {
            for y in top * scale..(top + 1) * scale {
                for x in left * scale..(left + dark) * scale {
                    if let Some(byte) = pixels.get_mut(y * line + x / 8) {
                        *byte &= !(0x80 >> (x % 8));
                    }
                }
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side(wide)?, side(high)?);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100";

    /// The middle of an Aztec code is its bull's eye, and every row of PDF417 begins and ends with the same bars. Readers of others are
    /// asked in `e2e` and `./dev chaos passes`.
    #[test]
    fn the_patterns_that_readers_look_for_are_there() {
        let aztec = BarCode::aztec(TEXT).expect("a code");
        let (side, middle) = (aztec.rows.len(), aztec.rows.len() / 2);
        assert!(aztec.rows.iter().all(|row| row.len() == side) && side % 2 == 1, "{side}");
        let across: Vec<bool> = (0..5).map(|away| aztec.rows[middle][middle + away]).collect();
        assert_eq!(across, [true, false, true, false, true]);
        let paper = BarCode::pdf417(TEXT).expect("a code");
        let start = [true, true, true, true, true, true, true, true, false, true];
        for row in &paper.rows {
            assert_eq!(row[..10], start);
            assert!(row[row.len() - 1], "it ends dark");
        }
    }

    #[test]
    fn pictures_have_a_margin_and_the_size_they_say() {
        let code = BarCode::aztec(TEXT).expect("a code");
        let (width, height) = code.size();
        assert_eq!((width, height), (code.rows.len() + 8, code.rows.len() + 8));
        let svg = code.svg("Rao & <others>");
        assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")), "{svg}");
        assert!(svg.contains("<title>Rao &amp; &lt;others&gt;</title>"));
        let png = code.png(3).expect("a picture");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let side = u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
        assert_eq!(side as usize, width * 3);
        assert_eq!(code.png(0).expect("a picture").len(), code.png(1).expect("a picture").len());
    }

    #[test]
    fn the_same_text_is_the_same_picture_and_another_is_another() {
        let again = TEXT.replacen("001A", "002A", 1);
        for make in [BarCode::aztec, BarCode::pdf417] {
            assert_eq!(make(TEXT).expect("a code"), make(TEXT).expect("a code"));
            assert_ne!(make(TEXT).expect("a code"), make(&again).expect("a code"));
        }
        assert!(BarCode::pdf417(&"A".repeat(5_000)).is_err(), "no code is that large");
    }
}
