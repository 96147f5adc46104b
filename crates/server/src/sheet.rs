//! Tables for spreadsheets: CSV (RFC 4180) in UTF-8, which programs of offices open with a press.

use axum::http::{HeaderMap, HeaderValue, header};
use platform::http::Problem;

/// What programs of offices know UTF-8 by; others pass over it (Unicode 15, section 23.8).
const MARK: &[u8] = "\u{feff}".as_bytes();
/// What a cell begins with that such a program takes for a formula (OWASP, CSV injection), also in the wide letters of East Asia.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A table: its head, and lines of as many cells.
pub(crate) struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    /// One with this head.
    pub(crate) fn new(head: &[&str]) -> Result<Self, Problem> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
        writer.write_record(head).map_err(Problem::internal)?;
        Ok(Self { writer })
    }

    /// One more line. What would be a formula is shown as the text it is.
    pub(crate) fn line(&mut self, cells: &[String]) -> Result<(), Problem> {
        self.writer.write_record(cells.iter().map(|cell| text(cell))).map_err(Problem::internal)
    }

    /// The file, as something to keep.
    pub(crate) fn file(self, name: &str) -> Result<(HeaderMap, Vec<u8>), Problem> {
        let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        let name = format!("attachment; filename=\"{name}.csv\"");
        let name = HeaderValue::from_str(&name).map_err(Problem::internal)?;
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
        let bytes =
            self.writer.into_inner().map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
        Ok((HeaderMap::from_iter(headers), bytes))
    }
}

/// An apostrophe before what would be a formula: programs show the text after it.
fn text(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out_of_its_place() {
        let mut sheet = Sheet::new(&["name", "seat"]).expect("a head");
        for name in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "a,\"b\"\r\nc", "आशा", ""]
        {
            sheet.line(&[name.to_owned(), "12A".to_owned()]).expect("a line");
        }
        let (headers, bytes) = sheet.file("KR1").expect("a file");
        assert_eq!(headers["content-disposition"], "attachment; filename=\"KR1.csv\"");
        let mut read = csv::Reader::from_reader(&bytes[MARK.len()..]);
        let rows: Vec<csv::StringRecord> = read.records().map(|row| row.expect("a row")).collect();
        let names: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(
            names,
            ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'＝1", "a,\"b\"\r\nc", "आशा", ""]
        );
        assert!(rows.iter().all(|row| row.len() == 2 && &row[1] == "12A"));
    }
}
