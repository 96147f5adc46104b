//! Bodies of forms, as the standards of this folder want them: no parameter twice, unknown ones passed over.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use platform::http::Problem;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::refusal::Refusal;

const KIND: &str = "application/x-www-form-urlencoded";

/// What a form says.
pub(in crate::identity) struct Form<T>(pub(in crate::identity) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(KIND) {
            return Err(Refusal::invalid_request("the body is application/x-www-form-urlencoded"));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| Refusal::Ours(Problem::of_status(rejection.status())))?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut members = Map::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        if name.contains('\0') || value.contains('\0') {
            return Err(Refusal::invalid_request("a parameter contains the character NUL"));
        }
        // A parameter without a value counts as left out (RFC 6749 section 3.2).
        if value.is_empty() {
            continue;
        }
        if members.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            return Err(Refusal::invalid_request("a parameter is there twice"));
        }
    }
    serde_json::from_value(Value::Object(members))
        .map_err(|_| Refusal::invalid_request("a parameter is missing"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Asked {
        code: String,
        state: Option<String>,
    }

    #[test]
    fn parameters_come_once_and_unknown_ones_are_passed_over() {
        let asked = read::<Asked>(b"code=a%20b&state=&more=x").expect("a form");
        assert_eq!((asked.code.as_str(), asked.state), ("a b", None));
        for wrong in ["code=a&code=b", "state=x", "code=", "code=%00"] {
            assert!(read::<Asked>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
