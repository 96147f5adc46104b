//! Where the money comes from, as a call says it.

use crate::book::Book;
use crate::cards::Scenario;
use crate::form::Params;
use crate::method::{Kind, Method, TYPES, unknown_type};
use crate::once::Moment;
use crate::refusal::Refusal;

/// A method in the book, or one that is not there yet.
pub(super) enum Source {
    Kept(Box<Method>),
    Fresh(Kind),
}

impl Source {
    fn scenario(&self) -> Scenario {
        match self {
            Self::Kept(method) => method.kind.scenario(),
            Self::Fresh(kind) => kind.scenario(),
        }
    }

    pub(super) fn keep(self, book: &mut Book) -> Method {
        match self {
            Self::Kept(method) => *method,
            Self::Fresh(kind) => book.add_method(kind),
        }
    }
}

/// `payment_method` (an id, or a well-known token) or `payment_method_data`.
pub(super) fn source(book: &Book, params: &Params, moment: Moment) -> Result<Option<Source>, Refusal> {
    if let Some(id) = params.get("payment_method") {
        return Ok(Some(match Kind::from_token(id, moment.month) {
            Some(kind) => Source::Fresh(kind),
            None => Source::Kept(Box::new(book.method(id)?.clone())),
        }));
    }
    match params.get("payment_method_data[type]") {
        None => Ok(None),
        Some(_) => Ok(Some(Source::Fresh(Kind::read(params, "payment_method_data", moment.month)?))),
    }
}

/// True for a call that is to be lost: the first of its key, or any without one.
pub(super) fn vanishes(source: Option<&Source>, moment: Moment) -> bool {
    !moment.asked_before && source.is_some_and(|source| source.scenario() == Scenario::RequestLost)
}

/// The types in `payment_method_types`; all of this gateway's where none are said.
pub(super) fn types(params: &Params) -> Result<Vec<String>, Refusal> {
    let said = params.list("payment_method_types");
    if said.iter().any(|kind| !TYPES.contains(kind)) {
        return Err(unknown_type("payment_method_types"));
    }
    let types = if said.is_empty() { TYPES.to_vec() } else { said };
    Ok(types.into_iter().map(str::to_owned).collect())
}

/// With or without the traveller: `on_session` or `off_session`.
pub(super) fn usage(params: &Params, name: &str) -> Result<Option<String>, Refusal> {
    let usage = params.get(name);
    if matches!(usage, None | Some("on_session" | "off_session")) {
        return Ok(usage.map(str::to_owned));
    }
    Err(Refusal::parameter("parameter_invalid", name, "It is on_session or off_session."))
}

/// Where the browser goes after a challenge. Only web addresses: the browser is sent there by a redirect.
pub(super) fn return_url(params: &Params) -> Result<Option<String>, Refusal> {
    let Some(url) = params.get("return_url") else { return Ok(None) };
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web && url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(url.to_owned()));
    }
    Err(Refusal::parameter("url_invalid", "return_url", "Not a valid URL"))
}
