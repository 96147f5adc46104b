//! Blocks as strips of a page's width, and strips as pages.

use crate::fonts::Weight;
use crate::shape::{Line, Style, line, lines};
use crate::tags::{Role, Tree};
use crate::{BarCode, Block, Column, Document, Row, RowKind, Table};

/// A4, points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
const SIDE: f32 = 46.0;
const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;
/// The coloured band at the head of the first page and of the others.
const BANDS: [f32; 2] = [96.0, 34.0];
const BOTTOM: f32 = PAGE.1 - 54.0;
const CELL: f32 = 4.0;

/// A module of a bar code, points: a third of a millimetre, which every reader of paper sees.
const MODULE: f32 = 0.95;

const NAVY: [u8; 3] = [15, 40, 80];
const SAFFRON: [u8; 3] = [224, 138, 40];
const WHITE: [u8; 3] = [255; 3];
const PALE: [u8; 3] = [196, 209, 230];
const TINT: [u8; 3] = [238, 242, 249];
const RULE: [u8; 3] = [219, 225, 234];
const GREY: [u8; 3] = [92, 100, 115];
const INK: [u8; 3] = [24, 28, 36];

const fn style(size: f32, weight: Weight, colour: [u8; 3]) -> Style {
    Style { size, weight, colour }
}

const AIRLINE: Style = style(23.0, Weight::Bold, WHITE);
const TITLE: Style = style(11.5, Weight::Regular, PALE);
const MARK: Style = style(23.0, Weight::Bold, WHITE);
const RUNNING: Style = style(8.5, Weight::Bold, WHITE);
const HEADING: Style = style(12.5, Weight::Bold, NAVY);
const LABEL: Style = style(8.0, Weight::Regular, GREY);
const VALUE: Style = style(9.5, Weight::Regular, INK);
const NOTE: Style = style(8.5, Weight::Regular, GREY);
const COLUMN: Style = style(8.0, Weight::Bold, GREY);
const PLAIN: Style = style(9.0, Weight::Regular, INK);
const DETAIL: Style = style(8.0, Weight::Regular, GREY);
const STRONG: Style = style(9.0, Weight::Bold, NAVY);
const FOOT: Style = style(7.5, Weight::Regular, GREY);

/// Something on a page, and the part of the document it belongs to; decoration belongs to none.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) what: What,
    pub(crate) part: Option<usize>,
}

/// What it is, in points from the top left corner.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A line of text from `x` on its base line.
    Text { x: f32, base: f32, line: Line },
    /// A filled rectangle.
    Area { x: f32, y: f32, width: f32, height: f32, colour: [u8; 3] },
    /// A bar code's dark runs: left, top and width in modules, from its top left corner on.
    Code { x: f32, y: f32, module: f32, runs: Vec<(usize, usize, usize)> },
}

/// Pages, and what the document is made of.
pub(crate) struct Laid {
    pub(crate) pages: Vec<Vec<Item>>,
    pub(crate) tree: Tree,
}

/// A piece that is not broken between pages. Its items count from its top.
#[derive(Clone, Default)]
struct Strip {
    height: f32,
    /// Left out at the top of a page.
    space: f32,
    items: Vec<Item>,
    /// Stays with the next one.
    keep: bool,
    /// What stands above it again when it begins a page.
    again: Vec<Strip>,
    /// Begins a page.
    breaks: bool,
}

/// Lays a document out.
pub(crate) fn pages(document: &Document) -> Laid {
    let mut tree = Tree::default();
    let title = tree.add(None, Role::Heading(document.title.clone()));
    let strips: Vec<Strip> = document.blocks.iter().flat_map(|block| strips(block, &mut tree)).collect();
    let mut pages = flow(&strips);
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        page.splice(0..0, head(document, index, title));
        page.extend(foot(document, index + 1, count));
    }
    Laid { pages, tree }
}

/// Puts strips on pages, those that belong together on one page where they fit on one.
fn flow(strips: &[Strip]) -> Vec<Vec<Item>> {
    let top = |page: usize| BANDS[page.min(1)] + 20.0;
    let mut pages = vec![Vec::new()];
    let mut y = top(0);
    let mut at_top = true;
    let mut next = 0;
    while next < strips.len() {
        let more = strips[next..].iter().position(|strip| !strip.keep).unwrap_or(strips.len() - next - 1);
        let mut chunk = &strips[next..=next + more];
        let height = |chunk: &[Strip]| chunk.iter().map(|strip| strip.space + strip.height).sum::<f32>();
        if height(chunk) > (BOTTOM - top(1)) / 2.0 {
            chunk = &chunk[..1];
        }
        if !at_top && (chunk[0].breaks || y + height(chunk) > BOTTOM) {
            y = top(pages.len());
            pages.push(Vec::new());
            at_top = true;
            for again in &chunk[0].again {
                place(&mut pages, &mut y, again, true);
            }
        }
        for strip in chunk {
            if !at_top {
                y += strip.space;
            }
            place(&mut pages, &mut y, strip, false);
            at_top = false;
        }
        next += chunk.len();
    }
    pages
}

fn place(pages: &mut [Vec<Item>], y: &mut f32, strip: &Strip, again: bool) {
    let Some(page) = pages.last_mut() else { return };
    for item in &strip.items {
        let mut item = item.clone();
        match &mut item.what {
            What::Text { base, .. } => *base += *y,
            What::Area { y: top, .. } | What::Code { y: top, .. } => *top += *y,
        }
        // What is repeated is decoration: it was read out where it stood first.
        item.part = item.part.filter(|_| !again);
        page.push(item);
    }
    *y += strip.height;
}

/// The band at the head of a page.
fn head(document: &Document, page: usize, title: usize) -> Vec<Item> {
    let height = BANDS[page.min(1)];
    let mut items = vec![area(0.0, 0.0, PAGE.0, height, NAVY), area(0.0, height, PAGE.0, 2.5, SAFFRON)];
    let right = |text: &str, style: Style, base: f32, part: Option<usize>| {
        let line = line(text, style);
        Item { what: What::Text { x: PAGE.0 - SIDE - line.width, base, line }, part }
    };
    let (label, mark) = &document.mark;
    if page == 0 {
        let part = Some(title);
        items.push(text(&document.author, AIRLINE, SIDE, 48.0, part));
        items.push(text(&document.title, TITLE, SIDE, 71.0, part));
        items.push(right(mark, MARK, 71.0, part));
        items.push(right(label, TITLE, 42.0, part));
    } else {
        items.push(text(&format!("{} · {}", document.author, document.title), RUNNING, SIDE, 21.0, None));
        items.push(right(mark, RUNNING, 21.0, None));
    }
    items
}

/// The foot of a page, with its number.
fn foot(document: &Document, page: usize, pages: usize) -> Vec<Item> {
    let counting =
        document.counting.replace("{page}", &page.to_string()).replace("{pages}", &pages.to_string());
    let number = line(&counting, FOOT);
    let base = PAGE.1 - 28.0;
    vec![
        area(SIDE, PAGE.1 - 42.0, WIDTH, 0.6, RULE),
        text(&document.foot, FOOT, SIDE, base, None),
        Item { what: What::Text { x: PAGE.0 - SIDE - number.width, base, line: number }, part: None },
    ]
}

fn area(x: f32, y: f32, width: f32, height: f32, colour: [u8; 3]) -> Item {
    Item { what: What::Area { x, y, width, height, colour }, part: None }
}

fn text(text: &str, style: Style, x: f32, base: f32, part: Option<usize>) -> Item {
    Item { what: What::Text { x, base, line: line(text, style) }, part }
}

fn strips(block: &Block, tree: &mut Tree) -> Vec<Strip> {
    match block {
        Block::Heading(words) => {
            let part = tree.add(None, Role::Heading(words.clone()));
            let items = vec![text(words, HEADING, SIDE, 14.0, Some(part))];
            vec![Strip { height: 24.0, space: 14.0, items, keep: true, ..Strip::default() }]
        }
        Block::Note(words) => {
            let part = tree.add(None, Role::Paragraph);
            let mut strip = Strip { space: 4.0, ..Strip::default() };
            strip.height = paragraph(&mut strip.items, words, NOTE, (SIDE, 0.0, WIDTH), part);
            vec![strip]
        }
        Block::Facts(facts) => facts.chunks(2).map(|pair| facts_strip(pair, tree)).collect(),
        Block::BarCode(code, words) => vec![bar_code(code, words, tree)],
        Block::Page => vec![Strip { breaks: true, keep: true, ..Strip::default() }],
        Block::Table(table) => table_strips(table, tree),
    }
}

/// A bar code on white at the left, with its words beneath.
fn bar_code(code: &BarCode, words: &str, tree: &mut Tree) -> Strip {
    let part = tree.add(None, Role::Figure(words.to_owned()));
    let (width, height) = code.size();
    let mut strip = Strip { space: 8.0, ..Strip::default() };
    let points = |modules: usize| modules as f32 * MODULE;
    let what = What::Code { x: SIDE, y: 0.0, module: MODULE, runs: code.runs() };
    strip.items.push(Item { what, part: Some(part) });
    let under = tree.add(None, Role::Paragraph);
    strip.height = points(height);
    let at = (SIDE, strip.height, WIDTH.min(points(width)));
    strip.height += paragraph(&mut strip.items, words, NOTE, at, under);
    strip
}

/// Sets a text into a column and returns its height.
fn paragraph(
    items: &mut Vec<Item>,
    words: &str,
    style: Style,
    (x, y, width): (f32, f32, f32),
    part: usize,
) -> f32 {
    let mut base = y + style.size * 1.08;
    let broken = lines(words, style, width);
    let height = leading(style) * broken.len() as f32;
    for line in broken {
        items.push(Item { what: What::Text { x, base, line }, part: Some(part) });
        base += leading(style);
    }
    height
}

fn leading(style: Style) -> f32 {
    style.size * 1.42
}

/// One or two facts side by side.
fn facts_strip(facts: &[(String, String)], tree: &mut Tree) -> Strip {
    let mut strip = Strip { space: 2.0, ..Strip::default() };
    let half = WIDTH / 2.0;
    let mut x = SIDE;
    for (label, value) in facts {
        let part = tree.add(None, Role::Paragraph);
        let labels = paragraph(&mut strip.items, label, LABEL, (x, 1.2, half * 0.34), part);
        let from = x + half * 0.36;
        let values = paragraph(&mut strip.items, value, VALUE, (from, 0.0, half * 0.62), part);
        strip.height = strip.height.max(labels + 1.2).max(values);
        x += half;
    }
    strip
}

fn table_strips(table: &Table, tree: &mut Tree) -> Vec<Strip> {
    let shares: f32 = table.columns.iter().map(|column| column.share).sum();
    let mut x = SIDE;
    let columns: Vec<(&Column, f32, f32)> = table
        .columns
        .iter()
        .map(|column| {
            let width = WIDTH * column.share / shares;
            x += width;
            (column, x - width, width)
        })
        .collect();
    let whole = tree.add(None, Role::Table);
    let head_part = tree.add(Some(whole), Role::Head);
    let body = tree.add(Some(whole), Role::Body);
    let titles: Vec<String> = table.columns.iter().map(|column| column.title.clone()).collect();
    let head_row = tree.add(Some(head_part), Role::Row);
    let mut head =
        cells(&columns, &titles, COLUMN, 3.0, |tree| tree.add(Some(head_row), Role::ColumnHead), tree);
    head.items.push(area(SIDE, head.height - 0.9, WIDTH, 0.9, NAVY));
    head.keep = true;
    let mut strips = vec![head.clone()];
    let mut group: Option<Strip> = None;
    for (index, row) in table.rows.iter().enumerate() {
        let mut strip = row_strip(&columns, row, body, tree);
        let next = table.rows.get(index + 1).map(|row| row.kind);
        strip.keep = row.kind == RowKind::Group || matches!(next, Some(RowKind::Total | RowKind::Detail));
        strip.again = vec![head.clone()];
        if row.kind == RowKind::Group {
            group = Some(strip.clone());
        } else {
            strip.again.extend(group.clone().filter(|_| row.kind != RowKind::Total));
        }
        strips.push(strip);
    }
    if let Some(last) = strips.last_mut() {
        last.height += 4.0;
        last.keep = false;
    }
    strips
}

fn row_strip(columns: &[(&Column, f32, f32)], row: &Row, body: usize, tree: &mut Tree) -> Strip {
    let part = tree.add(Some(body), Role::Row);
    let (style, padding) = match row.kind {
        RowKind::Plain => (PLAIN, 2.6),
        RowKind::Detail => (DETAIL, 0.6),
        RowKind::Group | RowKind::Total => (STRONG, 3.4),
    };
    if row.kind == RowKind::Group {
        let span = u32::try_from(columns.len()).unwrap_or(1);
        let cell = tree.add(Some(part), Role::GroupHead(span));
        let words = row.cells.first().map_or("", String::as_str);
        let mut items = Vec::new();
        let at = (SIDE + CELL, padding, WIDTH - 2.0 * CELL);
        let height = paragraph(&mut items, words, style, at, cell) + 2.0 * padding;
        items.insert(0, area(SIDE, 0.0, WIDTH, height, TINT));
        return Strip { height, items, ..Strip::default() };
    }
    let mut strip = cells(columns, &row.cells, style, padding, |tree| tree.add(Some(part), Role::Cell), tree);
    match row.kind {
        RowKind::Total => strip.items.push(area(SIDE, 0.0, WIDTH, 0.9, NAVY)),
        RowKind::Plain => strip.items.push(area(SIDE, 0.0, WIDTH, 0.4, RULE)),
        RowKind::Group | RowKind::Detail => {}
    }
    strip
}

/// Texts in their columns, as high as the highest of them.
fn cells(
    columns: &[(&Column, f32, f32)],
    texts: &[String],
    style: Style,
    padding: f32,
    part: impl Fn(&mut Tree) -> usize,
    tree: &mut Tree,
) -> Strip {
    let mut strip = Strip::default();
    for ((column, x, width), words) in columns.iter().zip(texts) {
        let part = part(tree);
        let mut items = Vec::new();
        let inner = width - 2.0 * CELL;
        let height = if words.is_empty() {
            leading(style)
        } else {
            paragraph(&mut items, words, style, (x + CELL, padding, inner), part)
        };
        if column.right {
            for item in &mut items {
                if let What::Text { x, line, .. } = &mut item.what {
                    *x += inner - line.width;
                }
            }
        }
        strip.items.extend(items);
        strip.height = strip.height.max(height + 2.0 * padding);
    }
    strip
}
