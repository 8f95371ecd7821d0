//! The check of `#[module(manifest = "...")]`: what generated code calls while the program compiles.

use super::check::Check;
use super::found::{Chosen, Found, Lacking, MAX_LACKING, MAX_SHOWN};
use super::line;
use super::text::Text;
use super::tree::{self, ABSENT, Bad, ROOT};
use crate::module::keys::Keys;

/// What is wrong with a manifest.
#[doc(hidden)]
pub type Message = Text<8192>;

/// As many names as a check must have room for: those of the index, or as many as the text may have.
pub const fn nodes(text: &str, index: &[u8]) -> usize {
    match tree::indexed(text.as_bytes(), index) {
        Some(nodes) => nodes,
        None => text.len() + 2,
    }
}

/// Compares the keys of the type `name` with the text of the manifest `file`. `N` is [`nodes`] or more; the index is what
/// the macro made of the text, or empty.
///
/// Nothing is wrong if the message is empty.
pub const fn check<const N: usize>([name, file]: [&str; 2], text: &str, index: &[u8], keys: &Keys) -> Message {
    let text = text.as_bytes();
    let mut message = Message::new();
    let mut check = Check::<N>::new(text);
    if let Err(bad) = check.tree.read(index) {
        malformed(&mut message, file, text, bad);
        return message;
    }
    check.run(keys);
    find_unclaimed(&mut check);
    if check.found.unknown.is_some() {
        unknown(&mut message, name, &check.found);
    } else if let Some(prefix) = prefix(&mut check, keys) {
        prefixed(&mut message, text, prefix);
    } else if check.missing + check.found.unclaimed_count > 0 {
        // Now that it is known what nothing claims, the fields that may be absent are of interest too.
        check.found.forget_lacking();
        check.run(keys);
        differences(&mut message, [name, file], text, &check.found, check.missing);
    }
    message
}

const fn find_unclaimed<const N: usize>(check: &mut Check<'_, N>) {
    let mut node = ROOT;
    while node < check.tree.len {
        let key = check.tree.nodes[node as usize].key as usize;
        if key != 0 && !check.tree.nodes[node as usize].is_claimed {
            check.found.unclaimed(key, end_of_key(check.tree.text, key));
        }
        node += 1;
    }
}

const fn end_of_key(text: &[u8], mut at: usize) -> usize {
    while text[at] > b' ' {
        at += 1;
    }
    at
}

/// What every key of the manifest starts with, if nothing fits with it and everything fits without it.
const fn prefix<const N: usize>(check: &mut Check<'_, N>, keys: &Keys) -> Option<(usize, usize)> {
    if check.claimed > 0 {
        return None;
    }
    let start = check.tree.name(check.tree.nodes[ROOT as usize].first).0;
    let mut node = ROOT;
    loop {
        let child = check.tree.nodes[node as usize].first;
        if child == ABSENT || check.tree.nodes[child as usize].next != ABSENT {
            return None;
        }
        if let (1.., 0) = check.look(keys, child) {
            return Some((start, check.tree.name(child).1));
        }
        node = child;
    }
}

const fn malformed(message: &mut Message, file: &str, text: &[u8], bad: Bad) {
    message.push("`");
    message.push(file);
    match bad {
        Bad::Header => {
            message.push("` is no manifest: its first line that is no comment must be `");
            message.push(line::HEADER);
            message.push("`; write one with `state.manifest()?.save(path)?`");
        }
        Bad::Line(at, expected) => {
            push_line(message, text, at);
            message.push("expected ");
            message.push(expected);
        }
        Bad::Repeated(start, end) => {
            push_line(message, text, start);
            message.push("a second `");
            message.push_bytes(text, start, end);
            message.push("`");
        }
    }
}

const fn push_line(message: &mut Message, text: &[u8], at: usize) {
    message.push("`, line ");
    message.push_number(line::number(text, at));
    message.push(": ");
}

const fn unknown(message: &mut Message, name: &str, found: &Found) {
    let Some((reason, start, end)) = found.unknown else { return };
    message.push("`");
    message.push(name);
    message.push("` cannot be compared with a manifest while it compiles, because of ");
    if start == end {
        message.push("the type itself");
    } else {
        message.push("`");
        message.push_bytes(found.names.bytes(), start, end);
        message.push("`");
    }
    message.push(": ");
    message.push(reason);
    message.push(": `load_state_dict` checks all keys when it runs");
}

const fn prefixed(message: &mut Message, text: &[u8], (start, end): (usize, usize)) {
    message.push("every key of the checkpoint starts with `");
    message.push_bytes(text, start, end);
    message.push(".`: make the manifest from `state.strip_prefix(\"");
    message.push_bytes(text, start, end);
    message.push(".\")?`");
}

/// The first line of several, and what the others start with.
const fn heading(message: &mut Message, [name, file]: [&str; 2]) -> &'static str {
    message.push("`");
    message.push(name);
    message.push("` does not fit `");
    message.push(file);
    message.push("`:");
    "\n  "
}

const fn differences(message: &mut Message, [name, file]: [&str; 2], text: &[u8], found: &Found, missing: usize) {
    let indent = if missing + found.unclaimed_count > 1 { heading(message, [name, file]) } else { "" };
    let mut is_paired = [false; MAX_LACKING];
    let mut shown = 0;
    while shown < found.unclaimed_count && shown < MAX_SHOWN {
        message.push(indent);
        unclaimed(message, name, text, found, shown, &mut is_paired);
        shown += 1;
    }
    rest(message, indent, found.unclaimed_count - shown, "of the checkpoint's keys");
    let (mut lacking, mut paired, mut shown) = (0, 0, 0);
    while lacking < found.lacking_count {
        if is_paired[lacking] {
            paired += 1;
        } else if !found.lacking[lacking].is_optional && shown < MAX_SHOWN {
            message.push(indent);
            push_lacking(message, found, lacking);
            message.push(" is a field of `");
            message.push(name);
            message.push("`, but the checkpoint lacks it");
            shown += 1;
        }
        lacking += 1;
    }
    if missing > shown + paired {
        rest(message, indent, missing - shown - paired, "of the struct's fields");
    }
    if let Some(chosen) = &found.chosen {
        message.push("\n  ");
        variant(message, found, chosen);
    }
}

/// Which variant of an enum the keys were compared with.
const fn variant(message: &mut Message, found: &Found, chosen: &Chosen) {
    if chosen.start < chosen.end {
        message.push("`");
        message.push_bytes(found.names.bytes(), chosen.start, chosen.end);
        message.push("` ");
    } else {
        message.push("the enum ");
    }
    message.push("was compared as its variant `");
    message.push(chosen.variants[chosen.best].0);
    message.push("`, which fits best of ");
    let mut variant = 0;
    while variant < chosen.variants.len() {
        message.push(if variant == 0 { "`" } else { ", `" });
        message.push(chosen.variants[variant].0);
        message.push("`");
        variant += 1;
    }
}

/// A key that no field claims, and the field that it was meant for.
const fn unclaimed(
    message: &mut Message,
    name: &str,
    text: &[u8],
    found: &Found,
    index: usize,
    is_paired: &mut [bool; MAX_LACKING],
) {
    let (start, end) = found.unclaimed[index];
    message.push("`");
    message.push_bytes(text, start, end);
    message.push("` is in the checkpoint, but no field of `");
    message.push(name);
    message.push("` claims it");
    if let Some(nearest) = found.nearest_lacking(text, index) {
        message.push("; nearest: ");
        push_lacking(message, found, nearest);
        message.push(", which the checkpoint lacks");
        is_paired[nearest] = !found.lacking[nearest].is_optional;
    }
}

const fn push_lacking(message: &mut Message, found: &Found, place: usize) {
    let Lacking { start, end, .. } = found.lacking[place];
    message.push("`");
    message.push_bytes(found.names.bytes(), start, end);
    message.push("`");
}

const fn rest(message: &mut Message, indent: &str, count: usize, of: &str) {
    if count > 0 {
        message.push(indent);
        message.push("... and ");
        message.push_number(count);
        message.push(" more ");
        message.push(of);
    }
}
