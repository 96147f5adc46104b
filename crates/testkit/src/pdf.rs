//! Reads PDFs as a program that extracts text does: glyphs back to letters by the fonts' own tables, and marked content by the
//! text it says it stands for.

use anyhow::Context as _;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, decode_text_string};

/// The pages of a PDF, each as the texts on it in the order they were drawn.
pub fn pages(bytes: &[u8]) -> anyhow::Result<Vec<Vec<String>>> {
    let file = Document::load_mem(bytes).context("not a PDF")?;
    file.get_pages().into_values().map(|page| page_texts(&file, page)).collect()
}

/// A text of the information dictionary, such as `Title`.
pub fn information(bytes: &[u8], key: &str) -> anyhow::Result<String> {
    let file = Document::load_mem(bytes)?;
    let info = file.trailer.get(b"Info")?.as_reference()?;
    Ok(decode_text_string(file.get_dictionary(info)?.get(key.as_bytes())?)?)
}

/// How many parts of each kind (`H1`, `Table`, `TH`) the document says it is made of.
pub fn parts(bytes: &[u8], kind: &str) -> anyhow::Result<usize> {
    let file = Document::load_mem(bytes)?;
    let is = |object: &Object| {
        let kind_of = object.as_dict().ok().and_then(|dictionary| dictionary.get(b"S").ok()?.as_name().ok());
        kind_of == Some(kind.as_bytes())
    };
    Ok(file.objects.values().filter(|object| is(object)).count())
}

fn page_texts(file: &Document, page: lopdf::ObjectId) -> anyhow::Result<Vec<String>> {
    let fonts = file.get_page_fonts(page)?;
    let content = Content::decode(&file.get_page_content(page))?;
    let mut reader = Reader { texts: Vec::new(), open: String::new(), font: None, replaced: Vec::new() };
    for operation in &content.operations {
        reader.read(file, &fonts, operation)?;
    }
    reader.end_text();
    Ok(reader.texts)
}

struct Reader<'a> {
    texts: Vec<String>,
    open: String,
    font: Option<&'a Dictionary>,
    /// For each open mark, whether a text stands for the glyphs in it. The outermost is a text of its own.
    replaced: Vec<bool>,
}

impl<'a> Reader<'a> {
    fn read(
        &mut self,
        file: &'a Document,
        fonts: &std::collections::BTreeMap<Vec<u8>, &'a Dictionary>,
        operation: &Operation,
    ) -> anyhow::Result<()> {
        match operation.operator.as_str() {
            "BDC" | "BMC" => {
                let given = operation.operands.get(1).and_then(|operand| operand.as_dict().ok());
                let text = given.and_then(|given| given.get(b"ActualText").ok());
                if let Some(text) = text.filter(|_| !self.replaced.contains(&true)) {
                    self.open.push_str(&decode_text_string(text)?);
                }
                self.replaced.push(text.is_some());
            }
            "EMC" => {
                self.replaced.pop();
                if self.replaced.is_empty() {
                    self.end_text();
                }
            }
            "Tf" => {
                let name = operation.operands.first().context("Tf without a font")?.as_name()?;
                self.font = fonts.get(name).copied();
            }
            "Tj" | "TJ" if !self.replaced.contains(&true) => {
                let font = self.font.context("text without a font")?;
                let encoding = font.get_font_encoding(file)?;
                let shown = operation.operands.first().context("text without a string")?;
                let strings = match shown {
                    Object::Array(strings) => strings.as_slice(),
                    one => std::slice::from_ref(one),
                };
                for string in strings.iter().filter_map(|string| string.as_str().ok()) {
                    self.open.push_str(&Document::decode_text(&encoding, string)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_text(&mut self) {
        if !self.open.is_empty() {
            self.texts.push(std::mem::take(&mut self.open));
        }
    }
}
