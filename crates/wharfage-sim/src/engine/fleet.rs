//! Nodes at work: which instance is on which, which wait for one, and when nodes come and go.
//!
//! # Invariants
//! `roomy` holds the nodes that are ready and have room, and no others. An instance waits only while none has. Whenever some wait
//! for which no node is on its way, a scan is planned.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, VecDeque},
};

use super::{MOST_INSTANCES, books::Books, pool::Slot};
use crate::{law::Draws, nodes::Nodes, random::Stream};

/// A node's place in the fleet; taken again when it is removed.
type Index = u32;

/// One node.
#[derive(Debug)]
struct Node {
    /// how many were asked for before it
    id: u64,
    /// when it was asked for; [`u64::MAX`] when it is gone
    asked_at: u64,
    /// instances on it
    holds: u64,
    /// since when it has been empty
    empty_since: u64,
}

/// An instance that begins to start on a node, and how long it will take.
pub type Placed = (Slot, u64);

/// All nodes.
#[derive(Debug)]
pub struct Fleet {
    each: u64,
    start_up: Draws,
    idle_after: u64,
    scan: u64,
    min: u64,
    all: Vec<Node>,
    free: Vec<Index>,
    asked: u64,
    /// by how many they hold, then by age: the last is the fullest, of equals the oldest
    roomy: BTreeSet<(u64, Reverse<u64>, Index)>,
    /// when those that were asked for are ready
    coming: BinaryHeap<Reverse<(u64, Index)>>,
    pending: VecDeque<Placed>,
    scan_at: u64,
    /// by slot: the node that an instance is on, and since when
    places: Vec<(Index, u64)>,
    count: u64,
    /// most at once
    pub peak: u64,
    /// when something was last done
    pub looked_at: u64,
}

/// An instance that is on no node.
const NOWHERE: (Index, u64) = (Index::MAX, u64::MAX);

impl Fleet {
    /// With as many nodes ready at time 0 as so many instances need.
    pub fn new(nodes: &Nodes, stream: Stream, instances: u64) -> Self {
        let each = nodes.each.max(1);
        let mut fleet = Self {
            each,
            start_up: Draws::new(&nodes.start_up, stream),
            idle_after: nodes.idle_after.0,
            scan: nodes.scan.0.max(1),
            min: nodes.min.min(MOST_INSTANCES),
            all: Vec::new(),
            free: Vec::new(),
            asked: 0,
            roomy: BTreeSet::new(),
            coming: BinaryHeap::new(),
            pending: VecDeque::new(),
            scan_at: u64::MAX,
            places: Vec::new(),
            count: 0,
            peak: 0,
            looked_at: 0,
        };
        for _ in 0..instances.div_ceil(each).max(fleet.min) {
            let index = fleet.add(0);
            fleet.roomy.insert((0, Reverse(fleet.all[index as usize].id), index));
        }
        fleet.peak = fleet.count;
        fleet
    }

    /// Nodes that are there or on their way.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When something is to be done: a node is ready, or a scan is due.
    pub fn next_at(&self) -> u64 {
        self.coming.peek().map_or(u64::MAX, |Reverse((at, _))| *at).min(self.scan_at)
    }

    /// Do instances wait for a node?
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    fn add(&mut self, now: u64) -> Index {
        let node = Node { id: self.asked, asked_at: now, holds: 0, empty_since: now };
        self.asked += 1;
        self.count += 1;
        if let Some(index) = self.free.pop() {
            self.all[index as usize] = node;
            return index;
        }
        self.all.push(node);
        (self.all.len() - 1) as Index
    }

    /// Places an instance that takes so long to start; false if it waits for a node now.
    pub fn place(&mut self, slot: Slot, start_up: u64, now: u64, books: &mut Books) -> bool {
        self.remove_idle(now, books);
        let Some(index) = self.roomy.last().map(|(_, _, index)| *index) else {
            self.pending.push_back((slot, start_up));
            if self.short() > 0 {
                self.scan_at = self.scan_at.min(self.scan_from(now));
            }
            return false;
        };
        self.put(slot, index, now);
        true
    }

    fn put(&mut self, slot: Slot, index: Index, now: u64) {
        let node = &mut self.all[index as usize];
        self.roomy.remove(&(node.holds, Reverse(node.id), index));
        node.holds += 1;
        if node.holds < self.each {
            self.roomy.insert((node.holds, Reverse(node.id), index));
        }
        let place = slot as usize;
        if self.places.len() <= place {
            self.places.resize(place + 1, NOWHERE);
        }
        self.places[place] = (index, now);
    }

    /// Puts waiting instances where there is room.
    fn put_pending(&mut self, now: u64) -> Vec<Placed> {
        let mut begin = Vec::new();
        while let Some(index) = self.roomy.last().map(|(_, _, index)| *index)
            && let Some((slot, start_up)) = self.pending.pop_front()
        {
            self.put(slot, index, now);
            begin.push((slot, start_up));
        }
        begin
    }

    /// An instance stops; which one begins to start in its place?
    pub fn leave(&mut self, slot: Slot, now: u64) -> Vec<Placed> {
        let (index, _) = std::mem::replace(&mut self.places[slot as usize], NOWHERE);
        let node = &mut self.all[index as usize];
        self.roomy.remove(&(node.holds, Reverse(node.id), index));
        node.holds -= 1;
        // What expired unnoticed may have left earlier than another that stopped since.
        node.empty_since = node.empty_since.max(now);
        self.roomy.insert((node.holds, Reverse(node.id), index));
        self.put_pending(now)
    }

    /// Since when an instance has been on its node.
    pub fn placed_at(&self, slot: Slot) -> u64 {
        self.places[slot as usize].1
    }

    /// Takes back up to `n` instances that wait for a node, the youngest first, as long as they may be.
    pub fn withdraw(&mut self, n: u64, may: impl Fn(Slot) -> bool) -> Vec<Slot> {
        let mut slots = Vec::new();
        while (slots.len() as u64) < n
            && self.pending.back().is_some_and(|(slot, _)| may(*slot))
            && let Some((slot, _)) = self.pending.pop_back()
        {
            slots.push(slot);
        }
        if self.short() == 0 {
            self.scan_at = u64::MAX;
        }
        slots
    }

    /// How many waiting instances have no room on the nodes that are on their way.
    fn short(&self) -> u64 {
        (self.pending.len() as u64).saturating_sub(self.coming.len() as u64 * self.each)
    }

    /// The first scan at `now` or later.
    fn scan_from(&self, now: u64) -> u64 {
        now.div_ceil(self.scan).saturating_mul(self.scan)
    }

    /// What is due now: nodes are ready, or asked for. Gives the instances that begin to start; `None` if a node would be ready
    /// beyond the clock.
    pub fn look(&mut self, now: u64, books: &mut Books) -> Option<Vec<Placed>> {
        self.remove_idle(now, books);
        self.looked_at = now;
        while let Some(Reverse((_, index))) = self.coming.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.coming.pop();
            let node = &mut self.all[index as usize];
            node.empty_since = now;
            self.roomy.insert((0, Reverse(node.id), index));
        }
        let begin = self.put_pending(now);
        if self.scan_at <= now {
            self.scan_at = u64::MAX;
            for _ in 0..self.short().div_ceil(self.each) {
                let at = now.saturating_add(self.start_up.next());
                if at == u64::MAX {
                    return None;
                }
                let index = self.add(now);
                self.coming.push(Reverse((at, index)));
            }
            if now < books.window.to {
                self.peak = self.peak.max(self.count);
            }
        }
        Some(begin)
    }

    /// Removes nodes that had been empty for too long at a scan before `now`, those first that have been for longest.
    pub fn remove_idle(&mut self, now: u64, books: &mut Books) {
        while self.count > self.min {
            let empty = self.roomy.iter().take_while(|(holds, ..)| *holds == 0).map(|(_, Reverse(id), index)| {
                let until = self.all[*index as usize].empty_since.saturating_add(self.idle_after);
                (self.scan_from(until), *id, *index)
            });
            let Some((at, id, index)) = empty.min().filter(|(at, ..)| *at < now) else { return };
            self.roomy.remove(&(0, Reverse(id), index));
            self.free.push(index);
            self.count -= 1;
            let node = &mut self.all[index as usize];
            books.node(std::mem::replace(&mut node.asked_at, u64::MAX), at);
        }
    }

    /// The run ends: writes down the nodes that are left.
    pub fn close(&mut self, end: u64, books: &mut Books) {
        self.remove_idle(end, books);
        self.all.iter().for_each(|node| books.node(node.asked_at, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::books::Window, law::Law, random::Purpose, scenario::Meter, time::Nanos};

    #[test]
    fn an_instance_goes_to_the_fullest_node_with_room_and_of_equals_to_the_oldest() {
        let nodes =
            Nodes { each: 2, start_up: Law::Constant(Nanos(50)), idle_after: Nanos(100), scan: Nanos(10), min: 3 };
        let mut books = Books::new(Window { from: 0, to: 1_000 }, Meter::Requests { quantum: Nanos(1) }, false);
        let mut fleet = Fleet::new(&nodes, Stream::new(1, 0, Purpose::Nodes), 0);
        assert!((0..6).all(|slot| fleet.place(slot, 7, 0, &mut books)));
        let on = |fleet: &Fleet| fleet.places.iter().map(|(index, _)| *index).collect::<Vec<_>>();
        assert_eq!(on(&fleet), [0, 0, 1, 1, 2, 2]);
        // The last node is empty, the first has room for one: it is the fuller.
        assert!([1, 4, 5].iter().all(|slot| fleet.leave(*slot, 3).is_empty()));
        assert!(fleet.place(1, 7, 4, &mut books) && fleet.place(4, 7, 4, &mut books));
        assert_eq!(on(&fleet)[..5], [0, 0, 1, 1, 2]);
        // What waits longest takes the room that is left, and a scan asks for one node for the two others.
        assert!(fleet.place(5, 7, 4, &mut books));
        assert!((6..9).all(|slot| !fleet.place(slot, 7, 5, &mut books)));
        assert_eq!(fleet.leave(0, 6), [(6, 7)]);
        assert_eq!((fleet.next_at(), fleet.look(10, &mut books)), (10, Some(Vec::new())));
        assert_eq!((fleet.next_at(), fleet.count()), (60, 4));
        assert_eq!(fleet.look(60, &mut books), Some(vec![(7, 7), (8, 7)]));
        assert_eq!(fleet.next_at(), u64::MAX);
    }
}
