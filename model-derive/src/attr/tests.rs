//! What is refused in `#[module(...)]`, and how.

use syn::{Attribute, DeriveInput};

use super::{ContainerAttrs, FieldAttrs, Place, refuse_on_variant};
use crate::ctxt::Ctxt;

/// The mistakes in the attributes of a struct.
fn on_struct(attrs: &str) -> Vec<String> {
    mistakes(attrs, |cx, attrs| drop(ContainerAttrs::parse(cx, attrs, Place::Struct)))
}

/// The mistakes in the attributes of a field.
fn on_field(attrs: &str) -> Vec<String> {
    mistakes(attrs, |cx, attrs| drop(FieldAttrs::parse(cx, attrs)))
}

/// The mistakes in the attributes of a variant.
fn on_variant(attrs: &str) -> Vec<String> {
    mistakes(attrs, refuse_on_variant)
}

fn mistakes(attrs: &str, parse: fn(&Ctxt, &[Attribute])) -> Vec<String> {
    let input: DeriveInput = syn::parse_str(&format!("{attrs} struct Net;")).expect("attributes are attributes");
    let cx = Ctxt::new();
    parse(&cx, &input.attrs);
    cx.finish().err().into_iter().flatten().map(|error| error.to_string()).collect()
}

#[test]
fn every_form_is_read() {
    assert!(on_struct("#[module(crate = ::a::b, device = D)]").is_empty());
    assert!(on_struct("#[module(device = (A, B,),)]").is_empty());
    assert!(on_field("#[module(rename = \"weight\", persistent = true)]").is_empty());
    assert!(on_field("#[module(persistent = false, flatten)]").is_empty());
    assert!(on_field("#[module(alias = \"old\", alias = \"older\", default, frozen)]").is_empty());
    assert!(on_field("#[module(tied = \"wte.weight\")]").is_empty());
    assert!(on_field("#[module(with = a::b)] #[module(with = ::a)]").len() == 1);
    assert!(on_struct("#[module(bound = \"\", rename_all = \"camelCase\", transparent)]").is_empty());
    assert!(on_struct("#[module(bound = \"T: Clone, for<'a> &'a U: Into<T>, 'b: 'c,\")]").is_empty());
    assert!(on_field("#[doc = \"x\"] #[module(skip)]").is_empty());
    assert!(on_field("#[module()]").is_empty());
}

#[test]
fn several_attributes_are_read_as_one() {
    assert!(on_field("#[module(rename = \"weight\")] #[module(persistent = false)]").is_empty());
    assert_eq!(on_field("#[module(skip)] #[module(skip)]"), ["duplicate `skip` attribute"]);
}

#[test]
fn an_unknown_key_lists_the_known_ones() {
    assert_eq!(
        on_field("#[module(renam = \"x\")]"),
        [
            "unknown module field attribute `renam`, expected one of `alias`, `default`, `flatten`, `frozen`, `persistent`, \
          `rename`, `skip`, `tied`, `with`"
        ],
    );
    assert_eq!(
        on_struct("#[module(devices = D)]"),
        [
            "unknown module struct attribute `devices`, expected one of `bound`, `crate`, `device`, `manifest`, `rename_all`, \
             `transparent`",
        ],
    );
}

#[test]
fn a_key_in_the_wrong_place_is_told_where_it_belongs() {
    assert_eq!(on_struct("#[module(skip)]"), ["`skip` belongs on a field, not on a struct"]);
    assert_eq!(on_field("#[module(device = D)]"), ["`device` belongs on a struct or an enum, not on a field"]);
}

#[test]
fn a_variant_has_no_attributes() {
    assert!(on_variant("#[default] #[doc = \"x\"]").is_empty());
    let [message] = on_variant("#[module(rename = \"x\")]").try_into().expect("one mistake");
    assert!(message.starts_with("a variant adds nothing to the keys"), "{message}");
    assert_eq!(on_variant("#[module(skip)]"), ["`skip` belongs on a field of the variant, not on a variant"]);
    assert_eq!(on_variant("#[module(device = D)]"), ["`device` belongs on the enum, not on a variant"]);
    assert_eq!(on_variant("#[module(skipp)]"), ["unknown module attribute `skipp`: a variant takes none"]);
}

#[test]
fn a_wrong_value_is_told_the_right_form() {
    let rename = ["expected `rename = \"key\"`"];
    assert_eq!(on_field("#[module(rename)]"), rename);
    assert_eq!(on_field("#[module(rename =)]"), rename);
    assert_eq!(on_field("#[module(rename = weight)]"), rename);
    assert_eq!(on_field("#[module(rename(\"weight\"))]"), rename);
    assert_eq!(on_field("#[module(rename = \"a\" \"b\")]"), rename);
    assert_eq!(on_field("#[module(alias)]"), ["expected `alias = \"key\"`"]);
    assert_eq!(on_field("#[module(tied = wte)]"), ["expected `tied = \"field.weight\"`"]);
    assert_eq!(on_field("#[module(with = \"a::b\")]"), ["expected `with = path::to::converter`"]);
    assert_eq!(on_field("#[module(persistent)]"), ["expected `persistent = false`"]);
    assert_eq!(on_field("#[module(persistent = no)]"), ["expected `persistent = false`"]);
    assert_eq!(on_struct("#[module(device = [A, B])]"), ["expected `device = D` or `device = (A, B)`"]);
    assert_eq!(on_struct("#[module(bound = T)]"), ["expected `bound = \"T: Clone\"`"]);
    let [message] = on_struct("#[module(bound = \"T\")]").try_into().expect("one mistake");
    assert!(message.starts_with("expected what a where-clause takes"), "{message}");
    assert_eq!(on_struct("#[module(rename_all = camel)]"), ["expected `rename_all = \"camelCase\"`"]);
    let [message] = on_struct("#[module(rename_all = \"camel\")]").try_into().expect("one mistake");
    assert!(message.starts_with("unknown case `camel`, expected one of `lowercase`"), "{message}");
    assert_eq!(on_struct("#[module(manifest = net.manifest)]"), ["expected `manifest = \"net.manifest\"`"]);
    assert_eq!(on_struct("#[module(crate = \"a\")]"), ["expected `crate = path::to::model_runtime`"]);
}

#[test]
fn a_flag_takes_no_value() {
    assert_eq!(on_field("#[module(skip = true)]"), ["`skip` takes no value"]);
    assert_eq!(on_field("#[module(skip(x))]"), ["`skip` takes no value"]);
}

#[test]
fn a_key_of_the_state_dict_is_one_name() {
    assert_eq!(on_field("#[module(rename = \"\")]"), ["a state-dict key cannot be empty"]);
    let [message] = on_field("#[module(rename = \"encoder.weight\")]").try_into().expect("one mistake");
    assert!(message.starts_with("a `.` in a state-dict key stands for a nested module"), "{message}");
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let mistakes =
        on_field("#[module(renam = \"x\", skip = 1, persistent)] #[module] #[module(rename = \"a\", rename)]");
    assert_eq!(mistakes.len(), 6, "{mistakes:#?}");
}

#[test]
fn the_attribute_needs_a_list() {
    assert_eq!(on_field("#[module]"), ["expected a list, `#[module(...)]`"]);
    assert_eq!(on_field("#[module = \"skip\"]"), ["expected a list, `#[module(...)]`"]);
}
