//! What is on paper, read back from the PDF.

#![expect(clippy::expect_used, reason = "a helper of tests fails by panicking")]

use documents::{Block, Column, Document, Row, Table};
use testkit::pdf;

fn document(blocks: Vec<Block>) -> Document {
    Document {
        language: "hi",
        author: "Udaan".into(),
        title: "रसीद".into(),
        subject: "KX7Q2M".into(),
        made_at: "2026-11-21T10:15:00Z".parse().expect("an instant"),
        mark: ("बुकिंग संदर्भ".into(), "KX7Q2M".into()),
        foot: "Udaan · KX7Q2M".into(),
        counting: "पृष्ठ {page} / {pages}".into(),
        blocks,
    }
}

fn long_table(rows: usize) -> Block {
    let columns = vec![Column::words("What", 3.0), Column::amounts("USD", 1.0)];
    let mut all = vec![Row::group("Asha Rao · आशा राव")];
    for row in 0..rows {
        all.push(Row::plain(vec![format!("Line {row}"), format!("{row}.00")]));
        all.push(Row::detail(vec![format!("of which tax {row}"), "0.10".into()]));
    }
    all.push(Row::total(vec!["Total".into(), "1,234.00".into()]));
    Block::Table(Table { columns, rows: all })
}

#[test]
fn every_text_comes_back_letter_by_letter() {
    let texts = [
        "किराया और कर",
        "क्षत्रिय ज्ञानेश्वरी श्रीमती हृदयनारायण",
        "यात्री: आशा राव (Asha Rao)",
        "Łukasz Żółć, Nguyễn Thị Minh, Ωμέγα, Жанна",
        "office affinity fi ffi",
        "1,23,456.78",
    ];
    let bytes =
        document(texts.iter().map(|text| Block::Note((*text).into())).collect()).pdf().expect("a PDF");
    let pages = pdf::pages(&bytes).expect("readable");
    assert_eq!(pages.len(), 1);
    for text in texts {
        assert!(pages[0].iter().any(|read| read == text), "{text:?} is not in {:?}", pages[0]);
    }
    assert_eq!(pdf::information(&bytes, "Title").expect("a title"), "रसीद KX7Q2M");
    assert_eq!(pdf::information(&bytes, "Author").expect("an author"), "Udaan");
}

#[test]
fn letters_without_a_font_are_not_lost() {
    let bytes = document(vec![Block::Note("王小明".into())]).pdf().expect("a PDF");
    let pages = pdf::pages(&bytes).expect("readable");
    assert!(pages[0].iter().any(|read| read == "王小明"), "{:?}", pages[0]);
}

#[test]
fn a_long_table_is_broken_with_its_head_and_its_group_and_nothing_is_lost() {
    let bytes = document(vec![Block::Heading("Prices".into()), long_table(90)]).pdf().expect("a PDF");
    let pages = pdf::pages(&bytes).expect("readable");
    assert!(pages.len() > 2, "{}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        let has = |text: &str| page.iter().any(|read| read == text);
        assert!(has("What") && has("USD") && has("Asha Rao · आशा राव"), "page {index}: {page:?}");
        assert!(has(&format!("पृष्ठ {} / {}", index + 1, pages.len())), "page {index}: {page:?}");
        assert!(page.iter().any(|read| read.contains("KX7Q2M")));
    }
    let all: Vec<&String> = pages.iter().flatten().collect();
    for row in 0..90 {
        for text in [format!("Line {row}"), format!("{row}.00"), format!("of which tax {row}")] {
            assert_eq!(all.iter().filter(|read| ***read == text).count(), 1, "{text}");
        }
    }
    let last = pages.last().expect("a page");
    assert!(last.iter().any(|read| read == "Total") && last.iter().any(|read| read == "of which tax 89"));
}

#[test]
fn a_row_stays_with_what_is_said_of_it_and_a_sum_with_what_it_sums() {
    for rows in 20..60 {
        let bytes = document(vec![long_table(rows)]).pdf().expect("a PDF");
        for page in pdf::pages(&bytes).expect("readable") {
            for row in 0..rows {
                let on = |text: String| page.contains(&text);
                assert_eq!(
                    on(format!("Line {row}")),
                    on(format!("of which tax {row}")),
                    "{rows} rows, {row}"
                );
            }
            let sum = page.iter().any(|read| read == "Total");
            assert!(!sum || page.contains(&format!("Line {}", rows - 1)), "{rows} rows");
        }
    }
}

#[test]
fn it_is_tagged_for_those_who_do_not_see_it() {
    let blocks = vec![Block::Heading("Prices".into()), long_table(90), Block::Note("Thank you.".into())];
    let bytes = document(blocks).pdf().expect("a PDF");
    let parts = |kind| pdf::parts(&bytes, kind).expect("readable");
    assert_eq!((parts("H1"), parts("Table"), parts("P")), (2, 1, 1));
    assert_eq!(parts("TH"), 3, "two columns and a group, once each");
    assert_eq!(parts("TR"), 1 + 1 + 180 + 1);
}

#[test]
fn the_same_document_has_the_same_bytes() {
    let made = || document(vec![Block::Heading("आशा".into()), long_table(50)]).pdf().expect("a PDF");
    assert_eq!(made(), made());
}

#[test]
fn a_bar_code_has_a_page_of_its_own_and_says_what_it_is() {
    let code = documents::BarCode::pdf417("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100")
        .expect("a code");
    let blocks = vec![
        Block::Heading("One".to_owned()),
        Block::BarCode(code.clone(), "Bar code of Luc Desmarais".to_owned()),
        Block::Page,
        Block::Heading("Two".to_owned()),
        Block::BarCode(code, "Bar code of somebody else".to_owned()),
    ];
    let pdf = document(blocks).pdf().expect("a PDF");
    let pages = testkit::pdf::pages(&pdf).expect("a PDF");
    assert_eq!(pages.len(), 2);
    let says = |page: usize, text: &str| pages[page].iter().any(|read| read == text);
    assert!(says(0, "One") && says(0, "Bar code of Luc Desmarais") && !says(0, "Two"), "{pages:?}");
    assert!(says(1, "Two") && says(1, "Bar code of somebody else"), "{pages:?}");
}
