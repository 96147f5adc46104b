//! Pages as PDF.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata, PageLayout};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};

use crate::fonts;
use crate::layout::{Item, Laid, PAGE, What};
use crate::shape::Line;
use crate::{Document, PaperError};

/// Writes the pages of a document.
pub(crate) fn pdf(document: &Document, laid: Laid) -> Result<Vec<u8>, PaperError> {
    let Laid { pages, mut tree } = laid;
    let failed = |what: &str| PaperError(what.to_owned());
    let mut file = krilla::Document::new();
    for items in &pages {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| failed("no such page"))?;
        let mut page = file.start_page_with(settings);
        let mut surface = page.surface();
        for item in items {
            paint(&mut surface, item, &mut tree);
        }
        surface.finish();
        page.finish();
    }
    file.set_tag_tree(tree.tagged(document.language));
    file.set_metadata(metadata(document));
    file.finish().map_err(|error| PaperError(format!("{error:?}")))
}

fn paint(surface: &mut Surface<'_>, item: &Item, tree: &mut crate::tags::Tree) {
    let unreadable = match &item.what {
        What::Text { line, .. } if line.has_boxes() => Some(line.text()),
        _ => None,
    };
    let tag = match item.part {
        // Boxes say nothing: the text they stand for is given beside them.
        Some(_) => ContentTag::Span(SpanTag::empty().with_actual_text(unreadable.as_deref())),
        None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
    };
    let content = surface.start_tagged(tag);
    match &item.what {
        What::Text { x, base, line } => write(surface, line, *x, *base),
        What::Area { x, y, width, height, colour } => {
            surface.set_fill(Some(fill(*colour)));
            let path = Rect::from_xywh(*x, *y, *width, *height).and_then(|rect| {
                let mut path = PathBuilder::new();
                path.push_rect(rect);
                path.finish()
            });
            if let Some(path) = path {
                surface.draw_path(&path);
            }
        }
        What::Code { x, y, module, runs } => {
            surface.set_fill(Some(fill([0; 3])));
            let mut path = PathBuilder::new();
            for (left, top, dark) in runs {
                let points = |modules: usize| modules as f32 * module;
                // A hair's breadth of overlap: readers of paper must see no seam between two rows.
                let (width, height) = (points(*dark), module + 0.02);
                let rect = Rect::from_xywh(x + points(*left), y + points(*top), width, height);
                if let Some(rect) = rect {
                    path.push_rect(rect);
                }
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
    surface.end_tagged();
    if let Some(part) = item.part {
        tree.belongs(content, part);
    }
}

fn write(surface: &mut Surface<'_>, line: &Line, x: f32, base: f32) {
    let Some(family) = fonts::family(line.style.weight) else { return };
    surface.set_fill(Some(fill(line.style.colour)));
    let mut x = x;
    for run in &line.runs {
        let font = family.get(run.devanagari).font.clone();
        surface.draw_glyphs(Point::from_xy(x, base), &run.glyphs, font, &run.text, line.style.size, false);
        x += run.width * line.style.size;
    }
}

fn fill([red, green, blue]: [u8; 3]) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn metadata(document: &Document) -> Metadata {
    let at = jiff::tz::TimeZone::UTC.to_datetime(document.made_at);
    let number = |number: i8| u8::try_from(number).unwrap_or(0);
    let made = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(format!("{} {}", document.title, document.mark.1))
        .description(document.subject.clone())
        .authors(vec![document.author.clone()])
        .creator("Udaan".to_owned())
        .language(document.language.to_owned())
        .creation_date(made)
        .page_layout(PageLayout::OneColumn)
}
