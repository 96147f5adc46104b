//! Telling the processor what will be read soon.
//!
//! A search knows which flights it will look at some hundred nanoseconds before it does, and they lie all over memory:
//! without a hint half of its time is waiting. It is the one place of the workspace with unsafe code.

/// Begins to fetch the cache line of `items[place]`, if there is such an item.
#[inline]
pub(crate) fn prefetch<T>(items: &[T], place: usize) {
    if let Some(item) = items.get(place) {
        fetch(item);
    }
}

#[inline]
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the intrinsic takes a pointer; docs/search.md has what it saves")]
fn fetch<T>(item: &T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch reads and writes nothing the program can see and cannot fault; the pointer comes from a reference
    // anyway.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) }
}

#[inline]
#[cfg(not(target_arch = "x86_64"))]
fn fetch<T>(_item: &T) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_place_is_harmless_and_nothing_changes() {
        let items = vec![7_u64; 100];
        for place in [0, 99, 100, usize::MAX] {
            prefetch(&items, place);
        }
        prefetch::<u64>(&[], 0);
        assert_eq!(items, [7; 100]);
    }
}
