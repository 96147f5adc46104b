//! Paper: what a document says, as values, and the PDF it becomes, as bytes. The same values give the same bytes.
//!
//! A [`Document`] is made of blocks that know nothing of pages; [`Document::pdf`] shapes its text (Latin, Greek, Cyrillic and
//! Devanagari letters; others keep their place and can be copied, but are drawn as boxes), breaks it into A4 pages with their
//! head and foot, and tags it, so that a screen reader finds headings, tables and their headers.

mod amount;
mod bar_code;
mod fonts;
mod layout;
mod paint;
mod shape;
mod tags;

use jiff::Timestamp;

pub use amount::{Grouping, amount};
pub use bar_code::{BarCode, SCALE_MAX};

/// The document could not be written: a defect of ours.
#[derive(Debug, thiserror::Error)]
#[error("a document could not be written: {0}")]
pub struct PaperError(String);

/// What a document says.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its language (BCP 47).
    pub language: &'static str,
    /// Who hands it out.
    pub author: String,
    /// What it is.
    pub title: String,
    /// What it is about, for lists of files.
    pub subject: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What stands large at the right of the first page: a label and what it labels.
    pub mark: (String, String),
    /// At the foot of every page.
    pub foot: String,
    /// How pages are counted, with `{page}` and `{pages}` in it.
    pub counting: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

impl Document {
    /// The document as PDF 1.7.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        paint::pdf(self, layout::pages(self))
    }
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Note(String),
    /// Labels and values, in two columns.
    Facts(Vec<(String, String)>),
    /// A bar code with what it is, and what stands under it.
    BarCode(BarCode, String),
    /// What follows begins a page.
    Page,
    /// A table. Its head is repeated on every page it reaches.
    Table(Table),
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// How wide it is, in proportion to the others.
    pub share: f32,
    /// Whether it is set to the right, as amounts are.
    pub right: bool,
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<String>, share: f32) -> Self {
        Self { title: title.into(), share, right: false }
    }

    /// A column of amounts.
    pub fn amounts(title: impl Into<String>, share: f32) -> Self {
        Self { title: title.into(), share, right: true }
    }
}

/// A row of a table: a cell for each column.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// What is in it.
    pub cells: Vec<String>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A row like others.
    Plain,
    /// Says more about the row before, in small.
    Detail,
    /// The name of what follows; its first cell takes the whole width.
    Group,
    /// The sum of what stands above.
    Total,
}

impl Row {
    /// A row like others.
    pub fn plain(cells: Vec<String>) -> Self {
        Self { kind: RowKind::Plain, cells }
    }

    /// More about the row before.
    pub fn detail(cells: Vec<String>) -> Self {
        Self { kind: RowKind::Detail, cells }
    }

    /// The name of the rows that follow.
    pub fn group(name: impl Into<String>) -> Self {
        Self { kind: RowKind::Group, cells: vec![name.into()] }
    }

    /// A sum.
    pub fn total(cells: Vec<String>) -> Self {
        Self { kind: RowKind::Total, cells }
    }
}
