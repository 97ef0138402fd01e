//! What was made of the database's content, kept until the database changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

/// What an entry takes beside its value: the key, the slot, the table. An estimate.
const ENTRY_BYTES: usize = 256;

/// How large a kept value may be, as a part of all the room: one does not push out all others.
const LARGEST: usize = 8;

/// The state of the database that an answer is to be no older than:
/// [`Storage::version`](crate::storage::Storage::version).
pub(super) type Version = Option<u64>;

/// Something that takes memory.
pub(super) trait Weigh {
    /// How many bytes, about.
    fn bytes(&self) -> usize;
}

/// Values by what was asked for. One that was asked for again before the database changed is
/// given again; whoever asks for one that is being made waits for it instead of making another.
pub(super) struct Kept<K, V> {
    shelf: RwLock<Shelf<K, V>>,
    room: usize,
}

struct Shelf<K, V> {
    slots: HashMap<K, Arc<Slot<V>>>,
    bytes: usize,
}

/// The place of one value.
struct Slot<V> {
    /// The value and the version it is no older than.
    made: RwLock<Option<(u64, V)>>,
    /// Held by whoever makes it.
    making: Mutex<()>,
}

impl<K: Hash + Eq + Clone, V: Clone + Weigh> Kept<K, V> {
    /// Nothing yet, and room for so many bytes.
    pub(super) fn with_room(room: usize) -> Self {
        Self { shelf: RwLock::new(Shelf { slots: HashMap::new(), bytes: 0 }), room }
    }

    /// The value of a key, no older than the version `seen`: kept, or made now. `look` tells the
    /// version; it is asked again only after others have had their turn, and so may have changed
    /// what there is to see.
    pub(super) async fn get<E>(
        &self,
        key: K,
        seen: Version,
        look: impl AsyncFnOnce() -> Result<Version, E>,
        make: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let Some(seen) = seen else { return make().await };
        let slot = self.slot(&key);
        if let Some(value) = slot.since(seen) {
            return Ok(value);
        }
        let (_turn, waited) = match slot.making.try_lock() {
            Ok(turn) => (turn, false),
            Err(_) => (slot.making.lock().await, true),
        };
        if let Some(value) = slot.since(seen) {
            return Ok(value);
        }
        let version = if waited { look().await?.unwrap_or(seen) } else { seen };
        let value = make().await?;
        self.put(key, &slot, version, value.clone());
        Ok(value)
    }

    /// The value of a key, if one is kept that is no older than the version `seen`.
    pub(super) fn at_hand(&self, key: &K, seen: u64) -> Option<V> {
        self.find(key)?.since(seen)
    }

    fn find(&self, key: &K) -> Option<Arc<Slot<V>>> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).slots.get(key).cloned()
    }

    fn slot(&self, key: &K) -> Arc<Slot<V>> {
        self.find(key).unwrap_or_else(|| {
            let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
            shelf.make_room(ENTRY_BYTES, self.room);
            shelf.slots.entry(key.clone()).or_default().clone()
        })
    }

    /// Keeps a value, unless it is huge. When the room is full, everything else goes: what is
    /// asked for often is back soon.
    fn put(&self, key: K, slot: &Arc<Slot<V>>, version: u64, value: V) {
        let bytes = value.bytes();
        if bytes > self.room / LARGEST {
            return;
        }
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        let before = slot.weight();
        if shelf.slots.get(&key).is_some_and(|kept| Arc::ptr_eq(kept, slot)) {
            shelf.bytes -= before;
        }
        shelf.make_room(bytes, self.room);
        shelf.slots.insert(key, slot.clone());
        *slot.made.write().unwrap_or_else(PoisonError::into_inner) = Some((version, value));
    }
}

impl<K, V> Shelf<K, V> {
    fn make_room(&mut self, bytes: usize, room: usize) {
        if self.bytes + bytes > room {
            self.slots.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
    }
}

impl<V: Clone + Weigh> Slot<V> {
    /// The value, if it is no older than that version.
    fn since(&self, version: u64) -> Option<V> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().filter(|(of, _)| *of >= version).map(|(_, value)| value.clone())
    }

    fn weight(&self) -> usize {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().map_or(0, |(_, value)| value.bytes())
    }
}

impl<V> Default for Slot<V> {
    fn default() -> Self {
        Self { made: RwLock::new(None), making: Mutex::new(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    impl Weigh for String {
        fn bytes(&self) -> usize {
            self.len()
        }
    }

    const ROOM: usize = 100 * ENTRY_BYTES;

    async fn get(kept: &Kept<u32, String>, key: u32, seen: Version, new: &str) -> String {
        let made = kept.get::<()>(key, seen, async || Ok(seen), async || Ok(new.to_owned())).await;
        made.unwrap()
    }

    #[tokio::test]
    async fn a_value_is_given_again_until_the_version_changes() {
        let kept = Kept::with_room(ROOM);
        assert_eq!(get(&kept, 1, Some(7), "a").await, "a");
        assert_eq!(get(&kept, 1, Some(7), "b").await, "a");
        assert_eq!(get(&kept, 2, Some(7), "b").await, "b", "another key");
        assert_eq!(get(&kept, 1, Some(8), "c").await, "c");
        assert_eq!(get(&kept, 1, Some(7), "d").await, "c", "newer than asked for");
        assert_eq!(get(&kept, 1, None, "e").await, "e", "no version can be told");
        assert_eq!(kept.at_hand(&1, 8), Some("c".to_owned()));
        assert_eq!(kept.at_hand(&1, 9), None, "older than asked for");
        assert_eq!(kept.at_hand(&3, 1), None, "never made");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let kept = Kept::with_room(ROOM);
        let failed = kept.get(1, Some(1), async || Ok(Some(1)), async || Err("no")).await;
        assert_eq!(failed, Err::<String, _>("no"));
        assert_eq!(get(&kept, 1, Some(1), "a").await, "a");
    }

    #[tokio::test]
    async fn who_asks_at_once_shares_one_value() {
        let (kept, made) = (Kept::with_room(ROOM), AtomicU32::new(0));
        let ask = || {
            kept.get::<()>(
                1,
                Some(1),
                async || Ok(Some(1)),
                async || {
                    made.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok("a".to_owned())
                },
            )
        };
        futures_util::future::join_all((0..10).map(|_| ask())).await;
        assert_eq!(made.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_value_made_while_others_waited_is_as_new_as_they_asked() {
        let kept = Kept::with_room(ROOM);
        let slow = kept.get::<()>(
            1,
            Some(1),
            async || Ok(Some(1)),
            async || {
                tokio::task::yield_now().await;
                Ok("old".to_owned())
            },
        );
        let (old, new) = futures_util::future::join(slow, get(&kept, 1, Some(2), "new")).await;
        assert_eq!((old.unwrap().as_str(), new.as_str()), ("old", "new"));
        assert_eq!(get(&kept, 1, Some(2), "later").await, "new");
    }

    #[tokio::test]
    async fn the_room_is_never_exceeded() {
        let kept = Kept::with_room(ROOM);
        let value = "x".repeat(ENTRY_BYTES);
        for key in 0..1_000 {
            get(&kept, key, Some(1), &value).await;
            get(&kept, key, Some(2), &value).await;
            let shelf = kept.shelf.read().unwrap();
            assert!(shelf.bytes <= ROOM && shelf.slots.len() <= 50, "{} bytes", shelf.bytes);
        }
        let huge = "x".repeat(ROOM / 2);
        get(&kept, 1, Some(3), &huge).await;
        assert_eq!(get(&kept, 1, Some(3), "small").await, "small", "a huge value was kept");
    }
}
