//! Which form of an answer was asked for (RFC 9110 section 12.5.1).

use platform::http::Problem;

const JSON: &str = "application/json";
const PDF: &str = "application/pdf";

/// A form of an answer that there is on paper too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Pdf,
}

impl Form {
    /// What a link or the `Accept` header asks for: the heavier of the two, of equals the one that is named, and otherwise
    /// JSON.
    pub(crate) fn wanted(format: Option<&str>, accept: &str) -> Result<Self, Problem> {
        match format {
            Some("json") => Ok(Self::Json),
            Some("pdf") => Ok(Self::Pdf),
            Some(_) => Err(Problem::invalid("format", "it must be json or pdf")),
            None if weight(accept, PDF) > weight(accept, JSON) => Ok(Self::Pdf),
            None => Ok(Self::Json),
        }
    }
}

/// The weight of a type in thousandths, and how exactly it is named; the most exact range decides.
fn weight(accept: &str, wanted: &str) -> (u32, u8) {
    let group = wanted.split_once('/').map_or(wanted, |(group, _)| group);
    let exactness = |range: &str| match range {
        _ if range.eq_ignore_ascii_case(wanted) => Some(3),
        _ if range.strip_suffix("/*").is_some_and(|range| range.eq_ignore_ascii_case(group)) => Some(2),
        "*/*" => Some(1),
        _ => None,
    };
    let ranges = accept.split(',').take(32).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let exact = exactness(parts.next()?)?;
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((exact, q.map_or(Some(1_000), thousandths)?))
    });
    ranges.max_by_key(|(exact, _)| *exact).map_or((0, 0), |(exact, q)| (q, if q == 0 { 0 } else { exact }))
}

/// A weight: 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = format!("{decimals:0<3}").parse::<u32>().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heavier_form_is_chosen_and_json_where_nothing_is_said() {
        for (accept, form) in [
            ("", Form::Json),
            ("*/*", Form::Json),
            ("application/*", Form::Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Json),
            ("text/html", Form::Json),
            ("application/pdf", Form::Pdf),
            ("Application/PDF;Q=0.1", Form::Pdf),
            ("application/pdf, */*", Form::Pdf),
            ("application/pdf;q=0.5, */*", Form::Json),
            ("application/pdf, application/json", Form::Json),
            ("application/pdf;q=0.9, application/json;q=0.8", Form::Pdf),
            ("application/json;q=0.9, application/pdf;q=0.901", Form::Pdf),
            ("application/pdf;q=0, application/json;q=0", Form::Json),
            ("application/pdf;q=0, */*;q=0.1", Form::Json),
            ("application/json;q=0, */*", Form::Pdf),
            ("application/pdf;q=nonsense", Form::Json),
            ("application/pdf;q=1.5, application/json;q=0.1", Form::Json),
            ("application/pdf;version=2;q=0.4, application/json;q=0.3", Form::Pdf),
        ] {
            assert_eq!(Form::wanted(None, accept).expect("a form"), form, "{accept}");
        }
    }

    #[test]
    fn a_link_says_it_by_itself() {
        assert_eq!(Form::wanted(Some("pdf"), "application/json").expect("a form"), Form::Pdf);
        assert_eq!(Form::wanted(Some("json"), "application/pdf").expect("a form"), Form::Json);
        assert!(Form::wanted(Some("doc"), "").is_err());
    }
}
