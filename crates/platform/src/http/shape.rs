//! The shape of a JSON body, looked at before it is read: how deep it is nested and how long its lists are. One pass over the
//! bytes, no memory but a number for each level.

use super::problem::Problem;

/// What a JSON body may be; the layers put it into the request's extensions, and a route may put another there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Levels of objects and arrays.
    pub depth: usize,
    /// Items of one array.
    pub items: usize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { depth: 16, items: 100 }
    }
}

impl JsonLimits {
    /// Refuses a body beyond the limits. What is no JSON at all is left to the parser.
    pub fn check(self, body: &[u8]) -> Result<(), Problem> {
        // Commas seen in each open array; `None` for an object.
        let mut open: Vec<Option<usize>> = Vec::new();
        let (mut in_text, mut escaped) = (false, false);
        for byte in body {
            if in_text {
                in_text = escaped || *byte != b'"';
                escaped = !escaped && *byte == b'\\';
                continue;
            }
            match byte {
                b'"' => in_text = true,
                b'[' | b'{' => {
                    if open.len() == self.depth {
                        let detail = format!("the body is nested deeper than {} levels", self.depth);
                        return Err(Problem::malformed(detail));
                    }
                    open.push((*byte == b'[').then_some(0));
                }
                b']' | b'}' => {
                    open.pop();
                }
                b',' => {
                    if let Some(Some(commas)) = open.last_mut() {
                        *commas += 1;
                        if *commas >= self.items {
                            let detail = format!("a list in the body has more than {} items", self.items);
                            return Err(Problem::malformed(detail));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const LIMITS: JsonLimits = JsonLimits { depth: 3, items: 4 };

    #[test]
    fn depth_and_lists_are_counted_outside_of_texts() {
        for (body, fits) in [
            ("[[[]]]", true),
            ("[[[[]]]]", false),
            (r#"{"a": {"b": [1, 2, 3, 4]}}"#, true),
            (r#"{"a": {"b": [1, 2, 3, 4, 5]}}"#, false),
            (r#"{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}"#, true),
            (r#"["[[[[", "a,b,c,d,e", "\"[[[[,,,,,", "\\"]"#, true),
            ("[[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]", true),
            ("", true),
            ("]]]}", true),
        ] {
            assert_eq!(LIMITS.check(body.as_bytes()).is_ok(), fits, "{body}");
        }
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn longest(value: &Value) -> usize {
        match value {
            Value::Array(values) => values.len().max(values.iter().map(longest).max().unwrap_or(0)),
            Value::Object(members) => members.values().map(longest).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<i32>().prop_map(|n| json!(n)),
            "[\\[\\]{},\"\\\\a]{0,8}".prop_map(|s| json!(s))
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                proptest::collection::btree_map("[\\[\\],\"a-c]{1,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The pass over the bytes agrees with the parsed value.
        #[test]
        fn it_agrees_with_a_parser(value in any_json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let fits = depth(&value) <= LIMITS.depth && longest(&value) <= LIMITS.items;
            prop_assert_eq!(LIMITS.check(text.expect("JSON").as_bytes()).is_ok(), fits);
        }
    }
}
