//! Text as glyphs: which font each part is set in, how wide it is, and where its lines break.

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};

use crate::fonts::{self, Family, Weight, is_devanagari};

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    /// Points.
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    /// Red, green, blue.
    pub(crate) colour: [u8; 3],
}

/// A part of a line in one font.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) devanagari: bool,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In units of the font's size.
    pub(crate) width: f32,
}

/// A line of text, shaped.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    /// Points.
    pub(crate) width: f32,
    pub(crate) style: Style,
}

impl Line {
    /// Whether a letter of it is in no font and is drawn as a box.
    pub(crate) fn has_boxes(&self) -> bool {
        self.runs.iter().flat_map(|run| &run.glyphs).any(|glyph| glyph.glyph_id.to_u32() == 0)
    }

    /// What it says.
    pub(crate) fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// Shapes a text that stays on one line.
pub(crate) fn line(text: &str, style: Style) -> Line {
    let Some(family) = fonts::family(style.weight) else {
        return Line { runs: Vec::new(), width: 0.0, style };
    };
    let runs: Vec<Run> =
        parts(text).into_iter().map(|(part, devanagari)| run(family, part, devanagari)).collect();
    let width = runs.iter().map(|run| run.width).sum::<f32>() * style.size;
    Line { runs, width, style }
}

/// Breaks a text at its spaces into lines of at most `width` points; a word that is wider is broken where it must be. A
/// no-break space is part of its word.
pub(crate) fn lines(text: &str, style: Style, width: f32) -> Vec<Line> {
    let mut done = Vec::new();
    let mut open = String::new();
    for word in text.split([' ', '\n', '\t']).filter(|word| !word.is_empty()) {
        let longer = if open.is_empty() { word.to_owned() } else { format!("{open} {word}") };
        if line(&longer, style).width <= width {
            open = longer;
            continue;
        }
        if !open.is_empty() {
            done.push(line(&open, style));
        }
        word.clone_into(&mut open);
        while let Some((fitting, rest)) = too_wide(&open, style, width) {
            done.push(line(&fitting, style));
            open = rest;
        }
    }
    if !open.is_empty() || done.is_empty() {
        done.push(line(&open, style));
    }
    done
}

/// A word that does not fit: as many of its letters as do, at least one, and the rest. Marks stay with their letters.
fn too_wide(word: &str, style: Style, width: f32) -> Option<(String, String)> {
    if line(word, style).width <= width {
        return None;
    }
    let shaped = line(word, style);
    let mut at = 0.0;
    let mut offset = 0;
    let mut last = 0;
    for run in &shaped.runs {
        for glyph in &run.glyphs {
            let start = offset + glyph.text_range.start;
            if at > width && last > 0 {
                return Some((word[..last].to_owned(), word[last..].to_owned()));
            }
            if at <= width {
                last = start;
            }
            at += glyph.x_advance * style.size;
        }
        offset += run.text.len();
    }
    (last > 0).then(|| (word[..last].to_owned(), word[last..].to_owned()))
}

/// The parts of a text by the font they are set in. A space stays with what stands before it.
fn parts(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let (mut start, mut open) = (0, None);
    for (at, letter) in text.char_indices() {
        let wanted = if letter == ' ' { open.unwrap_or(false) } else { is_devanagari(letter) };
        match open {
            Some(now) if now != wanted => {
                parts.push((&text[start..at], now));
                (start, open) = (at, Some(wanted));
            }
            _ => open = Some(wanted),
        }
    }
    if let Some(now) = open {
        parts.push((&text[start..], now));
    }
    parts
}

fn run(family: &'static Family, text: &str, devanagari: bool) -> Run {
    let face = &family.get(devanagari).face;
    #[expect(clippy::cast_precision_loss, reason = "units of a font are a few thousand at most")]
    let em = face.units_per_em() as f32;
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(Direction::LeftToRight);
    let shaped = rustybuzz::shape(face, &[], buffer);
    let infos = shaped.glyph_infos();
    let starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
    #[expect(clippy::cast_precision_loss, reason = "a position is a few thousand units")]
    let part = |units: i32| units as f32 / em;
    let glyphs: Vec<KrillaGlyph> = infos
        .iter()
        .zip(shaped.glyph_positions())
        .map(|(info, position)| {
            let start = info.cluster as usize;
            let end = starts.iter().copied().filter(|other| *other > start).min().unwrap_or(text.len());
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                part(position.x_advance),
                part(position.x_offset),
                part(position.y_offset),
                part(position.y_advance),
                start..end,
                None,
            )
        })
        .collect();
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run { text: text.to_owned(), devanagari, glyphs, width }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { size: 10.0, weight: Weight::Regular, colour: [0; 3] };

    #[test]
    fn letters_are_set_in_the_font_that_has_them() {
        assert_eq!(parts("Asha आशा जी 12"), [("Asha ", false), ("आशा जी ", true), ("12", false)]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn devanagari_is_shaped() {
        let conjunct = line("क्षि", STYLE);
        assert!(conjunct.runs[0].glyphs.len() < "क्षि".chars().count(), "letters join");
        assert!(conjunct.runs[0].glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0));
    }

    #[test]
    fn lines_break_between_words_and_nothing_is_lost() {
        let text =
            "Air transportation excise tax and a Donaudampfschifffahrtsgesellschaftskapitän of आशा राव";
        for width in [30.0, 60.0, 120.0, 2_000.0] {
            let broken = lines(text, STYLE, width);
            assert!(broken.iter().all(|line| line.width <= width + 0.01), "{width}");
            let said: String =
                broken.iter().flat_map(|line| &line.runs).map(|run| run.text.as_str()).collect();
            let plain = |text: &str| text.replace(' ', "");
            assert_eq!(plain(&said), plain(text));
        }
        assert_eq!(lines("", STYLE, 10.0).len(), 1);
    }
}
