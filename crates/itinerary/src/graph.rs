//! Which airports have flights to which: the part of the timetable that hardly ever changes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kernel::{AirlineCode, AirportCode};

use crate::airports::{Airport, Airports};
use crate::connections::{ConnectionKind, ConnectionTimes, MinimumTimes, TimesAt};
use crate::prefetch::prefetch;

/// An airport with flights, as its place among the graph's nodes.
pub(crate) type Node = u32;

/// A route, one for each ordered pair of airports with a flight on any day, as its number. Numbers are never reused, so
/// that days laid out before a route was known stay valid.
pub(crate) type RouteId = u32;

/// No route, or no node.
pub(crate) const NONE: u32 = u32::MAX;

/// A route as somebody at one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbor {
    /// The other end.
    pub(crate) node: Node,
    pub(crate) route: RouteId,
    pub(crate) brief: Brief,
}

/// What a bound needs of a route, in two bytes: the shortest block time doubled, and one more over a border.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brief(u16);

impl Brief {
    /// The longest block time that fits; a longer one has this as its bound, which is lower and so holds.
    const MINUTES_MAX: u16 = u16::MAX >> 1;

    fn of(route: &Route) -> Self {
        Self(route.block.min(Self::MINUTES_MAX) << 1 | u16::from(route.crosses_border))
    }

    /// No flight of the route takes fewer minutes.
    #[inline]
    pub(crate) fn minutes(self) -> u32 {
        u32::from(self.0 >> 1)
    }

    #[inline]
    pub(crate) const fn crosses_border(self) -> bool {
        self.0 & 1 != 0
    }
}

/// A word of a row of bits, with how many bits come before it in its row: the place among the node's neighbours of what
/// its first bit stands for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reach {
    pub(crate) bits: u64,
    before: u16,
}

impl Reach {
    /// The place among the neighbours of what a bit that is set stands for.
    #[inline]
    pub(crate) fn place(self, bit: u32) -> usize {
        usize::from(self.before) + (self.bits & ((1 << bit) - 1)).count_ones() as usize
    }
}

/// Airports and routes.
#[derive(Clone)]
pub(crate) struct Graph {
    /// The node of each airport in [`Airports`], [`NONE`] without flights.
    node_of: Vec<Node>,
    pub(crate) nodes: Vec<NodeInfo>,
    pub(crate) routes: Vec<Route>,
    brief: Vec<Brief>,
    /// The shortest connection at each node by kind, whatever the airlines.
    pub(crate) lowest: Vec<MinimumTimes>,
    /// Whether pairs of airlines have a minimum of their own at a node.
    pub(crate) by_airline: Vec<bool>,
    by_ends: HashMap<(Node, Node), RouteId>,
    /// Routes out of and into each node, sorted by the other end.
    outbound: Neighbors,
    inbound: Neighbors,
    /// Words in a row of the matrices.
    pub(crate) words: usize,
    /// Row o has bit d when there is a route from o to d; in `inbound_bits` row d has bit o.
    outbound_bits: Vec<Reach>,
    inbound_bits: Vec<u64>,
}

/// What is known of an airport with flights.
#[derive(Clone, Debug)]
pub(crate) struct NodeInfo {
    pub(crate) code: AirportCode,
    pub(crate) country: [u8; 2],
    /// Minimum connection times; shared by versions of the graph.
    pub(crate) times: Arc<TimesAt>,
}

/// A pair of airports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) origin: Node,
    pub(crate) destination: Node,
    /// No flight of the route takes fewer minutes.
    pub(crate) block: u16,
    /// Nor more.
    pub(crate) longest: u16,
    pub(crate) crosses_border: bool,
}

impl Graph {
    pub(crate) fn new(airports: &Airports) -> Self {
        Self {
            node_of: vec![NONE; airports.count()],
            nodes: Vec::new(),
            routes: Vec::new(),
            brief: Vec::new(),
            lowest: Vec::new(),
            by_airline: Vec::new(),
            by_ends: HashMap::new(),
            outbound: Neighbors::default(),
            inbound: Neighbors::default(),
            words: 0,
            outbound_bits: Vec::new(),
            inbound_bits: Vec::new(),
        }
    }

    /// The node of an airport, if it has flights.
    pub(crate) fn node(&self, airport: Airport) -> Option<Node> {
        self.node_of.get(airport.index()).copied().filter(|node| *node != NONE)
    }

    /// The route between two nodes, as somebody at the first sees it.
    pub(crate) fn route(&self, origin: Node, destination: Node) -> Option<Neighbor> {
        let routes = self.from(origin);
        let place = routes.binary_search_by_key(&destination, |route| route.node).ok()?;
        Some(routes[place])
    }

    /// The number of the route between two airports, if both have flights and there is one.
    pub(crate) fn find(&self, origin: Airport, destination: Airport) -> Option<RouteId> {
        self.by_ends.get(&(self.node(origin)?, self.node(destination)?)).copied()
    }

    /// Whether a flight of these minutes can be laid out without a change to the graph.
    pub(crate) fn covers(&self, origin: Airport, destination: Airport, block: u16) -> bool {
        self.find(origin, destination).is_some_and(|route| {
            let Route { block: shortest, longest, .. } = self.routes[route as usize];
            (shortest..=longest).contains(&block)
        })
    }

    /// Makes room for such flights. Airports are numbered by how many routes they have and routes by their ends, so that
    /// what a search reads of the routes out of an airport lies together; later ones follow.
    pub(crate) fn extend(
        &mut self,
        airports: &Airports,
        times: &ConnectionTimes,
        flights: impl Iterator<Item = (Airport, Airport, u16)>,
    ) {
        let mut blocks: BTreeMap<(Airport, Airport), (u16, u16)> = BTreeMap::new();
        for (origin, destination, block) in flights {
            let (shortest, longest) = blocks.entry((origin, destination)).or_insert((block, block));
            (*shortest, *longest) = ((*shortest).min(block), (*longest).max(block));
        }
        let mut degrees: BTreeMap<Airport, usize> = BTreeMap::new();
        for (origin, destination) in blocks.keys() {
            *degrees.entry(*origin).or_default() += 1;
            *degrees.entry(*destination).or_default() += 1;
        }
        let mut busiest: Vec<(Airport, usize)> = degrees.into_iter().collect();
        busiest.sort_by_key(|(_, degree)| Reverse(*degree));
        for (airport, _) in busiest {
            self.add_node(airports, times, airport);
        }
        let ends = |(origin, destination): (Airport, Airport)| {
            (self.node_of[origin.index()], self.node_of[destination.index()])
        };
        let mut routes: Vec<_> = blocks.into_iter().map(|(pair, blocks)| (ends(pair), blocks)).collect();
        routes.sort_unstable();
        for (ends, blocks) in routes {
            self.add_route(ends, blocks);
        }
        self.index();
    }

    /// Notes the shortest and the longest block time of a route.
    fn add_route(&mut self, (origin, destination): (Node, Node), (shortest, longest): (u16, u16)) {
        let next = count(self.routes.len());
        let route = *self.by_ends.entry((origin, destination)).or_insert(next);
        if route == next {
            let country = |node: Node| self.nodes[node as usize].country;
            let crosses_border = country(origin) != country(destination);
            self.routes.push(Route { origin, destination, block: shortest, longest, crosses_border });
        }
        let held = &mut self.routes[route as usize];
        (held.block, held.longest) = (held.block.min(shortest), held.longest.max(longest));
    }

    fn add_node(&mut self, airports: &Airports, times: &ConnectionTimes, airport: Airport) {
        let next = count(self.nodes.len());
        let node = &mut self.node_of[airport.index()];
        if *node == NONE {
            *node = next;
            let info = airports.info(airport);
            let times = Arc::new(times.at(info.code, |_| true));
            self.lowest.push(times.lowest());
            self.by_airline.push(times.by_airline());
            self.nodes.push(NodeInfo { code: info.code, country: info.country, times });
        }
    }

    /// The same airports and routes with other minimum connection times.
    pub(crate) fn with_times(&self, times: &ConnectionTimes) -> Self {
        let mut graph = self.clone();
        for (place, node) in graph.nodes.iter_mut().enumerate() {
            node.times = Arc::new(times.at(node.code, |_| true));
            graph.lowest[place] = node.times.lowest();
            graph.by_airline[place] = node.times.by_airline();
        }
        graph
    }

    /// Derives neighbours and matrices from the routes.
    fn index(&mut self) {
        let nodes = self.nodes.len();
        self.words = nodes.div_ceil(64);
        let (mut outbound, mut inbound) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        self.outbound_bits = vec![Reach::default(); nodes * self.words];
        self.inbound_bits = vec![0; nodes * self.words];
        // A sightseeing flight is a route that leads nowhere.
        let leads_on = |(route, _): &(&Route, RouteId)| route.origin != route.destination;
        for (route, number) in self.routes.iter().zip(0..).filter(leads_on) {
            let (o, d) = (route.origin as usize, route.destination as usize);
            let brief = Brief::of(route);
            outbound[o].push(Neighbor { node: route.destination, route: number, brief });
            inbound[d].push(Neighbor { node: route.origin, route: number, brief });
            self.outbound_bits[o * self.words + d / 64].bits |= 1 << (d % 64);
            self.inbound_bits[d * self.words + o / 64] |= 1 << (o % 64);
        }
        self.brief = self.routes.iter().map(Brief::of).collect();
        self.outbound = Neighbors::new(outbound);
        self.inbound = Neighbors::new(inbound);
        self.outbound_bits.chunks_mut(self.words.max(1)).for_each(rank);
    }

    /// Routes out of a node, sorted by destination.
    pub(crate) fn from(&self, node: Node) -> &[Neighbor] {
        self.outbound.of(node)
    }

    /// Routes into a node, sorted by origin.
    pub(crate) fn into(&self, node: Node) -> &[Neighbor] {
        self.inbound.of(node)
    }

    pub(crate) fn destinations(&self, node: Node) -> &[Reach] {
        &self.outbound_bits[node as usize * self.words..(node as usize + 1) * self.words]
    }

    pub(crate) fn origins(&self, node: Node) -> &[u64] {
        &self.inbound_bits[node as usize * self.words..(node as usize + 1) * self.words]
    }

    /// Begins to fetch a word of a node's [`Self::destinations`], and where its neighbours are listed.
    #[inline]
    pub(crate) fn prefetch(&self, node: Node, word: usize) {
        prefetch(&self.outbound_bits, node as usize * self.words + word);
        prefetch(&self.outbound.list, self.outbound.starts[node as usize] as usize);
    }

    #[inline]
    pub(crate) fn brief(&self, route: RouteId) -> Brief {
        self.brief[route as usize]
    }

    /// The kind of the connection from one route to the next.
    #[inline]
    pub(crate) fn kind(&self, arriving: RouteId, leaving: RouteId) -> ConnectionKind {
        let crosses = |route: RouteId| self.routes[route as usize].crosses_border;
        ConnectionKind::of(crosses(arriving), crosses(leaving))
    }
}

/// The neighbours of all nodes in one list.
#[derive(Clone, Default)]
struct Neighbors {
    list: Vec<Neighbor>,
    /// Where those of each node start; one more for the end.
    starts: Vec<u32>,
}

impl Neighbors {
    fn new(mut lists: Vec<Vec<Neighbor>>) -> Self {
        let mut neighbors = Self { list: Vec::new(), starts: vec![0] };
        for list in &mut lists {
            list.sort_unstable_by_key(|neighbor| neighbor.node);
            neighbors.list.append(list);
            neighbors.starts.push(count(neighbors.list.len()));
        }
        neighbors
    }

    fn of(&self, node: Node) -> &[Neighbor] {
        let node = node as usize;
        &self.list[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

impl NodeInfo {
    /// The minutes two airlines need here.
    pub(crate) fn minimum(
        &self,
        kind: ConnectionKind,
        arriving: Option<AirlineCode>,
        leaving: Option<AirlineCode>,
    ) -> u16 {
        self.times.minimum(kind, arriving, leaving)
    }
}

/// Counts the bits before each word of a row. A row has at most as many bits as there are airports.
fn rank(row: &mut [Reach]) {
    let mut before = 0_u32;
    for word in row {
        word.before = u16::try_from(before).unwrap_or(u16::MAX);
        before += word.bits.count_ones();
    }
}

/// Lists here have fewer entries than there are pairs of airports; 32 bits hold their places.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
