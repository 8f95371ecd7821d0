//! [`Case`]: the cases of `rename_all`, with serde's names and rules.

use syn::LitStr;

use crate::ctxt::Ctxt;

/// How the name of a field becomes its key. Names are `snake_case`, as Rust's are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    pub fn parse(cx: &Ctxt, value: LitStr) -> Option<Self> {
        let text = value.value();
        let case = CASES.iter().find_map(|(name, case)| (*name == text).then_some(*case));
        if case.is_none() {
            let names: Vec<_> = CASES.iter().map(|(name, _)| format!("`{name}`")).collect();
            cx.error(value, format_args!("unknown case `{text}`, expected one of {}", names.join(", ")));
        }
        case
    }

    /// The key of the field `name`.
    pub fn apply(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => name.split('_').map(capitalised).collect(),
            Self::Camel => {
                let mut words = name.split('_').filter(|word| !word.is_empty());
                let first = words.next().map(str::to_owned);
                first.into_iter().chain(words.map(capitalised)).collect()
            }
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// serde's own table: `serde_derive/src/internals/case.rs`, test `rename_fields`.
    #[test]
    fn the_cases_are_those_of_serde() {
        let table = [
            ("outcome", ["OUTCOME", "Outcome", "outcome", "OUTCOME", "outcome", "OUTCOME"]),
            ("very_tasty", ["VERY_TASTY", "VeryTasty", "veryTasty", "VERY_TASTY", "very-tasty", "VERY-TASTY"]),
            ("a", ["A", "A", "a", "A", "a", "A"]),
            ("z42", ["Z42", "Z42", "z42", "Z42", "z42", "Z42"]),
        ];
        let cases = [Case::Upper, Case::Pascal, Case::Camel, Case::ScreamingSnake, Case::Kebab, Case::ScreamingKebab];
        for (name, keys) in table {
            assert_eq!(cases.map(|case| case.apply(name)), keys);
            assert_eq!([Case::Lower, Case::Snake].map(|case| case.apply(name)), [name; 2]);
        }
    }

    #[test]
    fn underscores_at_the_ends_are_no_words() {
        assert_eq!(Case::Camel.apply("_very__tasty_"), "veryTasty");
        assert_eq!(Case::Pascal.apply("__"), "");
        assert_eq!(Case::Camel.apply("über_fc"), "überFc");
    }
}
