//! Reading CSV that people made: every wrong cell is reported with file, line, column, value, reason and what would
//! be right, and nothing is guessed. A file is either understood whole or refused.

use std::fmt;

use csv::ByteRecord;

/// How many wrong cells a report lists; the rest is counted. Enough to see a pattern, short enough to read.
pub const MAX_REPORTED: usize = 20;

/// One cell that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// The file's name, as the caller knows it.
    pub file: String,
    /// The line in the file, from 1 (the header).
    pub line: u64,
    /// The column by its name in the header.
    pub column: String,
    /// What the cell holds, cut to a readable length.
    pub value: String,
    /// Why that is wrong, to be read after the value: "is not a time of day".
    pub reason: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for BadCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, value, reason, right } = self;
        write!(f, "{file}, line {line}, column {column}: {value:?} {reason}; right would be {right}")
    }
}

/// Why a file was refused: its first wrong cells in the order of lines, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadInput {
    /// The first wrong cells, at most [`MAX_REPORTED`].
    pub cells: Vec<BadCell>,
    /// The number of wrong cells in the file.
    pub total: usize,
}

impl BadInput {
    /// A refusal with one reason.
    pub fn of(cell: BadCell) -> Self {
        Self { cells: vec![cell], total: 1 }
    }

    fn add(&mut self, cell: BadCell) {
        self.total += 1;
        if self.cells.len() < MAX_REPORTED {
            self.cells.push(cell);
        }
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, cell) in self.cells.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{cell}")?;
        }
        match self.total.saturating_sub(self.cells.len()) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for BadInput {}

/// Reads a CSV file with a header. `columns` must all be there, in any order; other columns are ignored. `read` makes
/// a value of a row, or reports what is wrong with it and gives `None`.
pub(crate) fn read<T>(
    file: &str,
    bytes: &[u8],
    columns: &'static [&'static str],
    mut read: impl FnMut(&mut Row<'_>) -> Option<T>,
) -> Result<Vec<T>, BadInput> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut bad = BadInput::default();
    let mut values = Vec::new();
    let mut places: Option<(Vec<usize>, usize)> = None;
    let mut line = 1;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => line = record.position().map_or(line, csv::Position::line),
            Ok(false) => break,
            // Reading bytes in memory without a fixed width can not fail; if it ever does, the file is refused.
            Err(error) => {
                bad.add(cell(
                    file,
                    line,
                    "(row)",
                    "",
                    &format!("can not be read: {error}"),
                    "comma-separated values",
                ));
                break;
            }
        }
        let Some((places, width)) = &places else {
            places = Some((find_columns(file, &record, columns)?, record.len()));
            continue;
        };
        if record.len() != *width {
            let reason = format!("is a row of {} fields", record.len());
            let first = String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned();
            bad.add(cell(file, line, "(row)", &first, &reason, &format!("{width} fields, as in the header")));
            continue;
        }
        if let Some(value) = read(&mut Row { file, line, columns, places, record: &record, bad: &mut bad }) {
            values.push(value);
        }
    }
    if places.is_none() {
        bad.add(cell(
            file,
            1,
            "(header)",
            "",
            "is an empty file",
            &format!("a header with {}", columns.join(",")),
        ));
    }
    if bad.total == 0 { Ok(values) } else { Err(bad) }
}

fn find_columns(file: &str, header: &ByteRecord, columns: &[&str]) -> Result<Vec<usize>, BadInput> {
    // A byte order mark in front is what spreadsheet programs write; it is not part of the first name.
    let names: Vec<&[u8]> =
        header.iter().map(|name| name.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(name).trim_ascii()).collect();
    let mut bad = BadInput::default();
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        match names.iter().position(|name| *name == column.as_bytes()) {
            Some(place) => places.push(place),
            None => bad.add(cell(
                file,
                1,
                column,
                &String::from_utf8_lossy(header.as_slice()),
                "is a header without this column",
                &columns.join(","),
            )),
        }
    }
    if bad.total == 0 { Ok(places) } else { Err(bad) }
}

fn cell(file: &str, line: u64, column: &str, value: &str, reason: &str, right: &str) -> BadCell {
    BadCell {
        file: file.to_owned(),
        line,
        column: column.to_owned(),
        value: value.chars().take(80).collect(),
        reason: reason.to_owned(),
        right: right.to_owned(),
    }
}

/// One row of a file, which keeps account of what is wrong with it.
pub(crate) struct Row<'a> {
    file: &'a str,
    /// The line in the file, from 1.
    pub(crate) line: u64,
    columns: &'static [&'static str],
    places: &'a [usize],
    record: &'a ByteRecord,
    bad: &'a mut BadInput,
}

impl<'a> Row<'a> {
    fn bytes(&self, column: &str) -> &'a [u8] {
        let place =
            self.columns.iter().position(|name| *name == column).and_then(|index| self.places.get(index));
        place.and_then(|place| self.record.get(*place)).unwrap_or_default().trim_ascii()
    }

    /// The cell's text without the spaces around it.
    pub(crate) fn text(&mut self, column: &str) -> Option<&'a str> {
        let text = std::str::from_utf8(self.bytes(column)).ok();
        if text.is_none() {
            self.refuse(column, "is not UTF-8", "text in UTF-8");
        }
        text
    }

    /// The cell as what `parse` makes of it; a `None` is reported as `reason`.
    pub(crate) fn parse<T>(
        &mut self,
        column: &str,
        reason: &str,
        right: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.text(column)?);
        if value.is_none() {
            self.refuse(column, reason, right);
        }
        value
    }

    /// The cell as a whole number from `low` to `high`.
    pub(crate) fn whole_number(&mut self, column: &str, low: u32, high: u32) -> Option<u32> {
        let right = format!("a whole number from {low} to {high}");
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        self.parse(column, "is not such a number", &right, |text| {
            text.parse().ok().filter(|number| digits(text) && (low..=high).contains(number))
        })
    }

    /// Reports the cell as wrong.
    pub(crate) fn refuse(&mut self, column: &str, reason: &str, right: &str) {
        let value = String::from_utf8_lossy(self.bytes(column));
        self.bad.add(cell(self.file, self.line, column, &value, reason, right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8]) -> Result<Vec<(u32, u32)>, BadInput> {
        read("numbers.csv", bytes, &["a", "b"], |row| {
            let (a, b) = (row.whole_number("a", 1, 9), row.whole_number("b", 1, 9));
            Some((a?, b?))
        })
    }

    #[test]
    fn columns_are_found_by_name_and_others_ignored() {
        assert_eq!(numbers(b"\xEF\xBB\xBFb,note,a\r\n1,x,2\r\n\r\n 3 ,y,4\r\n"), Ok(vec![(2, 1), (4, 3)]));
    }

    #[test]
    fn every_wrong_cell_is_named_with_its_line() {
        let error = numbers(b"a,b\n1,2\n0,x\n3\n4,\"\xFF\"\n").expect_err("four wrong cells");
        let report: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            report,
            [
                "numbers.csv, line 3, column a: \"0\" is not such a number; right would be a whole number from 1 to 9",
                "numbers.csv, line 3, column b: \"x\" is not such a number; right would be a whole number from 1 to 9",
                "numbers.csv, line 4, column (row): \"3\" is a row of 1 fields; right would be 2 fields, as in the header",
                "numbers.csv, line 5, column b: \"\u{FFFD}\" is not UTF-8; right would be text in UTF-8",
            ]
        );
    }

    #[test]
    fn lines_count_inside_quotes_and_the_list_is_cut() {
        let text = format!("a,b\n\"1\",\"2\n\"\n{}", "0,1\n".repeat(30));
        let error = numbers(text.as_bytes()).expect_err("thirty wrong cells");
        assert_eq!((error.cells.len(), error.total, error.cells[0].line), (MAX_REPORTED, 30, 4));
        assert!(error.to_string().ends_with("\nand 10 more"), "{error}");
    }

    #[test]
    fn a_missing_column_and_an_empty_file_are_refused() {
        let error = numbers(b"a,c\n1,2\n").expect_err("no column b");
        assert_eq!((error.cells[0].line, error.cells[0].column.as_str(), error.total), (1, "b", 1));
        assert!(numbers(b"").is_err());
        assert_eq!(numbers(b"a,b\n"), Ok(Vec::new()));
    }
}
