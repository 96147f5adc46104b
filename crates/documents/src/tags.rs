//! What a document is made of, for those who do not see it: headings, paragraphs, tables, rows and cells in reading order.

use std::num::{NonZeroU16, NonZeroU32};

use krilla::tagging::{Identifier, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

/// What a part is.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Heading(String),
    Paragraph,
    /// A picture, with what it shows.
    Figure(String),
    Table,
    Head,
    Body,
    Row,
    /// The head of a column.
    ColumnHead,
    /// The name of a group of rows, over so many columns.
    GroupHead(u32),
    Cell,
}

/// The parts, each with those it contains. Parts are named by their number.
#[derive(Default)]
pub(crate) struct Tree {
    parts: Vec<Part>,
    roots: Vec<usize>,
}

struct Part {
    role: Role,
    inner: Vec<usize>,
    content: Vec<Identifier>,
}

impl Tree {
    /// Adds a part to another, or to the document.
    pub(crate) fn add(&mut self, to: Option<usize>, role: Role) -> usize {
        let number = self.parts.len();
        self.parts.push(Part { role, inner: Vec::new(), content: Vec::new() });
        match to.and_then(|to| self.parts.get_mut(to)) {
            Some(outer) => outer.inner.push(number),
            None => self.roots.push(number),
        }
        number
    }

    /// Something that was drawn belongs to a part.
    pub(crate) fn belongs(&mut self, content: Identifier, to: usize) {
        if let Some(part) = self.parts.get_mut(to) {
            part.content.push(content);
        }
    }

    /// The tree as PDF has it.
    pub(crate) fn tagged(&self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for root in &self.roots {
            tree.push(self.group(*root));
        }
        tree
    }

    fn group(&self, number: usize) -> Node {
        let Some(part) = self.parts.get(number) else { return Node::Group(TagGroup::new(Tag::P)) };
        let inner = part.inner.iter().map(|inner| self.group(*inner));
        let content = part.content.iter().map(|content| Node::Leaf(*content));
        Node::Group(TagGroup::with_children(part.role.kind(), inner.chain(content).collect()))
    }
}

impl Role {
    fn kind(&self) -> TagKind {
        match self {
            Self::Heading(title) => Tag::Hn(NonZeroU16::MIN, Some(title.clone())).into(),
            Self::Paragraph => Tag::P.into(),
            Self::Figure(shows) => Tag::Figure(Some(shows.clone())).into(),
            Self::Table => Tag::Table.into(),
            Self::Head => Tag::THead.into(),
            Self::Body => Tag::TBody.into(),
            Self::Row => Tag::TR.into(),
            Self::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
            Self::GroupHead(columns) => {
                Tag::TH(TableHeaderScope::Row).with_col_span(NonZeroU32::new(*columns)).into()
            }
            Self::Cell => Tag::TD.into(),
        }
    }
}
