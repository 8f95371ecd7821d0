//! Segments that are taken, held several times, given back and joined again.

use super::*;

/// The addresses from 100 to 1100.
fn segments() -> Segments {
    let mut segments = Segments::new();
    enlarged(&mut segments);
    segments.add(Span { start: 100, len: 1000 });
    segments
}

fn enlarged(segments: &mut Segments) {
    while let Some(len) = segments.needs_room() {
        drop(segments.enlarge(Larger::new(len)));
    }
}

fn hold(segments: &mut Segments, len: usize) -> Option<usize> {
    enlarged(segments);
    segments.hold(len).map(|span| span.start)
}

fn release(segments: &mut Segments, start: usize) {
    match segments.release(start) {
        Released::Last(span) => segments.give_back(span),
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_are_taken_from_the_front_and_do_not_overlap() {
    let mut segments = segments();
    assert_eq!(hold(&mut segments, 10), Some(100));
    assert_eq!(hold(&mut segments, 20), Some(110));
    assert_eq!(hold(&mut segments, 970), Some(130));
    assert_eq!(hold(&mut segments, 1), None);
    assert_eq!(hold(&mut segments, 0), None);
    assert_eq!(segments.in_use(), InUse { parts: 3, holders: 3, bytes: 1000 });
}

#[test]
fn a_part_goes_with_its_last_holder() {
    let mut segments = segments();
    assert_eq!(hold(&mut segments, 10), Some(100));
    assert!(segments.share(100) && segments.share(109));
    assert!(!segments.share(110) && !segments.share(99) && !segments.share(1100));
    assert_eq!(segments.release(105), Released::Held);
    assert_eq!(segments.release(109), Released::Held);
    assert_eq!(segments.release(100), Released::Last(Span { start: 100, len: 10 }));
    for address in [100, 99, 110, 0, usize::MAX] {
        assert_eq!(segments.release(address), Released::Unknown);
    }
    assert!(!segments.share(100), "it is being cleared");
    assert_eq!(hold(&mut segments, 10), Some(110), "not before it is cleared");
    segments.give_back(Span { start: 100, len: 10 });
    assert_eq!(hold(&mut segments, 10), Some(100));
}

#[test]
fn neighbours_that_are_free_are_joined_whatever_the_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut segments = segments();
        let starts: Vec<usize> = (0..3).filter_map(|_| hold(&mut segments, 300)).collect();
        assert_eq!(starts, [100, 400, 700]);
        for index in order {
            release(&mut segments, starts[index]);
        }
        assert_eq!(segments.list.len(), 1, "{segments:?}");
        assert_eq!(hold(&mut segments, 1000), Some(100));
    }
}

#[test]
fn what_could_not_be_cleared_is_kept_and_tried_again() {
    let mut segments = segments();
    assert_eq!(hold(&mut segments, 1000), Some(100));
    let Released::Last(span) = segments.release(100) else { panic!() };
    segments.keep_stale(span);
    assert_eq!(hold(&mut segments, 1), None);
    assert_eq!(segments.release(100), Released::Unknown);
    assert_eq!(segments.retry(), Some(span));
    assert_eq!(segments.retry(), None, "one thread at a time");
    segments.give_back(span);
    assert_eq!(hold(&mut segments, 1000), Some(100));
}

#[test]
fn what_is_lost_is_nobodys_for_ever() {
    let mut segments = segments();
    assert_eq!(hold(&mut segments, 10), Some(100));
    segments.lose(Span { start: 100, len: 10 });
    assert_eq!(segments.in_use(), InUse::default());
    assert_eq!(segments.release(105), Released::Unknown);
    assert!(!segments.is_held(105) && !segments.share(105));
    assert_eq!(segments.retry(), None);
    assert_eq!(hold(&mut segments, 990), Some(110));
    release(&mut segments, 110);
    assert_eq!(hold(&mut segments, 1000), None, "it is joined with nothing");
}

#[test]
fn random_orders_leave_one_free_part() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut segments, mut held) = (segments(), Vec::<(usize, usize)>::new());
    for _ in 0..if cfg!(miri) { 300 } else { 20_000 } {
        let len = random(40) + 1;
        if random(2) == 0
            && let Some(start) = hold(&mut segments, len)
        {
            assert!(start >= 100 && start + len <= 1100);
            assert!(held.iter().all(|(other, length)| start + len <= *other || other + length <= start));
            held.push((start, len));
        } else if !held.is_empty() {
            let (start, len) = held.swap_remove(random(held.len()));
            release(&mut segments, start + random(len));
        }
        assert_eq!(segments.in_use().bytes, held.iter().map(|(_, len)| len).sum::<usize>());
    }
    held.iter().for_each(|(start, _)| release(&mut segments, *start));
    assert_eq!(segments.list, [Segment { start: 100, len: 1000, state: State::Free }]);
}
