/**
 * What happens while somebody looks, by one socket for the whole page (docs/live.md). It tells that something happened; what is so is
 * asked of the API. Where no socket is to be had, whoever listens is told every half minute to ask.
 */

export type LiveState = 'live' | 'reconnecting' | 'polling' | 'offline';

/** Something happened to a topic, or may have: ask for all that is shown of it. `event` is none where nothing certain is known. */
export type Listener = (event: string | undefined) => void;

interface Topic {
  listeners: Set<Listener>;
  /** The highest number that is known of the topic. */
  seq?: number;
  refused?: boolean;
}

/** What the socket is made of, so that tests bring their own. */
export interface World {
  connect: () => WebSocket;
  chance: () => number;
  isOnline: () => boolean;
  /** Whether somebody can see the page. */
  isVisible: () => boolean;
}

const POLL_MS = 30_000;
/** As the server pings, a little slower: a browser hears nothing of the protocol's own pings. */
const PING_MS = 25_000;
const SILENCE_MS = 10_000;
const LONGEST_MS = 30_000;
/** So many times without a welcome, and the socket is taken for refused: it is tried less often, and the API asked meanwhile. */
const TRIES = 3;
const REFUSED_MS = 300_000;
/** A server that is busy wants to be asked again after this. */
const BUSY_MS = 1000;

const CLOSED = { stopping: 1012, signedOut: 4001, chatty: 4003, old: 4004, malformed: 1008, tooLong: 1009 };

export class Live {
  state: LiveState = 'reconnecting';
  /** The server said that the session is over. */
  onSignedOut: () => void = () => undefined;
  private readonly topics = new Map<string, Topic>();
  private readonly watchers = new Set<() => void>();
  private socket: WebSocket | undefined;
  private signedIn = true;
  private failures = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  /** The API was to be asked while nobody looked. */
  private late = false;

  constructor(private readonly world: World) {}

  /** Listens to a topic until what it answers is called. */
  listen(name: string, listener: Listener): () => void {
    const topic = this.topics.get(name) ?? { listeners: new Set() };
    const isNew = topic.listeners.size === 0;
    topic.listeners.add(listener);
    this.topics.set(name, topic);
    this.begin();
    if (isNew && this.state === 'live') this.subscribe(name, topic);
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0) return;
      // What happens from now on is not heard, so the number counts for nothing when somebody comes again.
      this.topics.delete(name);
      if (this.state === 'live') this.send({ type: 'unsubscribe', topic: name });
      if (this.topics.size === 0) this.end();
    };
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Whether anybody is signed in: nobody else gets a socket, so nobody else asks for one, and the API is asked instead. */
  setSignedIn(yes: boolean): void {
    if (this.signedIn === yes) return;
    this.signedIn = yes;
    if (this.topics.size > 0) this.connect();
  }

  /** The device has a network again, or has none any more. */
  networkChanged(): void {
    if (this.topics.size === 0) return;
    if (this.world.isOnline()) {
      this.failures = 0;
      if (this.state !== 'live') this.connect();
    } else {
      this.drop();
      this.become('offline');
    }
  }

  /** Somebody looks at the page again, or nobody does any more. */
  visibilityChanged(): void {
    if (this.late && this.world.isVisible()) this.askAll();
  }

  private begin(): void {
    this.poll ??= setInterval(() => this.askAll(), POLL_MS);
    if (!this.socket && !this.again) this.connect();
  }

  /** Nobody listens any more. */
  private end(): void {
    clearInterval(this.poll);
    this.poll = undefined;
    this.drop();
    this.failures = 0;
    this.become('reconnecting');
  }

  private askAll(): void {
    this.late = !this.world.isVisible();
    if (this.late) return;
    for (const topic of this.topics.values()) {
      if (this.state !== 'live' || topic.refused) tell(topic, undefined);
    }
  }

  private become(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }

  private drop(): void {
    clearTimeout(this.again);
    clearTimeout(this.silence);
    clearInterval(this.ping);
    this.again = undefined;
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  private connect(): void {
    this.drop();
    if (!this.world.isOnline()) {
      this.become('offline');
      return;
    }
    if (!this.signedIn) {
      this.become('polling');
      return;
    }
    const socket = this.world.connect();
    this.socket = socket;
    socket.onmessage = ({ data }) => socket === this.socket && this.hear(String(data));
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  private closed(code: number): void {
    this.drop();
    if (code === CLOSED.signedOut) {
      // Until whoever asks who is signed in knows that it is somebody again.
      this.signedIn = false;
      this.become('polling');
      this.onSignedOut();
      return;
    }
    this.failures += 1;
    this.become(this.failures >= TRIES ? 'polling' : 'reconnecting');
    this.again = setTimeout(() => this.connect(), this.pause(code));
  }

  /** How long to wait before coming again, by what the server said and by chance: not everybody at once. */
  private pause(code: number): number {
    const { chance } = this.world;
    if (code === CLOSED.stopping) return chance() * 5000;
    if (code === CLOSED.old) return 0;
    if (code === CLOSED.chatty || code === CLOSED.malformed || code === CLOSED.tooLong) return 60_000;
    if (this.failures >= TRIES * 2) return REFUSED_MS * (0.5 + chance() / 2);
    return Math.min(LONGEST_MS, 1000 * 2 ** (this.failures - 1)) * (0.5 + chance() / 2);
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private subscribe(name: string, topic: Topic): void {
    this.send({ type: 'subscribe', topic: name, ...(topic.seq === undefined ? {} : { after: topic.seq }) });
  }

  private hear(text: string): void {
    clearTimeout(this.silence);
    const message = parsed(text);
    if (message.type === 'welcome') this.welcomed();
    const topic = this.topics.get(String(message.topic));
    if (!topic) return;
    const fresh = topic.seq === undefined;
    if (typeof message.seq === 'number') topic.seq = Math.max(topic.seq ?? 0, message.seq);
    if (message.type === 'event') tell(topic, String(message.event));
    // What was shown before the topic was heard may be older than the first number.
    else if (message.type === 'refetch' || (message.type === 'subscribed' && fresh)) tell(topic, undefined);
    else if (message.type === 'refused') this.refused(String(message.topic), topic, message.code);
  }

  private refused(name: string, topic: Topic, code: unknown): void {
    topic.refused = true;
    if (code !== 'busy') return;
    const { socket } = this;
    setTimeout(() => {
      if (socket !== this.socket || this.topics.get(name) !== topic) return;
      topic.refused = false;
      this.subscribe(name, topic);
    }, BUSY_MS);
  }

  private welcomed(): void {
    this.failures = 0;
    this.become('live');
    for (const [name, topic] of this.topics) {
      topic.refused = false;
      this.subscribe(name, topic);
    }
    this.ping = setInterval(() => {
      this.send({ type: 'ping' });
      clearTimeout(this.silence);
      // A network that was left without a word breaks no connection for minutes.
      this.silence = setTimeout(() => this.closed(1006), SILENCE_MS);
    }, PING_MS);
  }
}

const tell = (topic: Topic, event: string | undefined) => {
  for (const listener of topic.listeners) listener(event);
};

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
