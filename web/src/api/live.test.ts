import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Live } from './live';

class FakeSocket {
  readyState = 1;
  said: Record<string, unknown>[] = [];
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  send = (text: string) => void this.said.push(JSON.parse(text));
  close = () => {
    this.readyState = 3;
  };
  tell = (message: object) => this.onmessage?.({ data: JSON.stringify(message) });
  break = (code: number) => this.onclose?.({ code });
}

function world() {
  const sockets: FakeSocket[] = [];
  const made = { online: true, visible: true };
  const live = new Live({
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    chance: () => 1,
    isOnline: () => made.online,
    isVisible: () => made.visible,
  });
  const last = () => sockets[sockets.length - 1] as FakeSocket;
  return { live, sockets, made, last };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a topic is subscribed after the welcome, asked for once, and resumed by its highest number', () => {
  const { live, sockets, last } = world();
  const heard: (string | undefined)[] = [];
  live.listen('flight:1', (event) => heard.push(event));
  expect(last().said).toEqual([]);
  last().tell({ type: 'welcome', ping_seconds: 20 });
  expect(last().said).toEqual([{ type: 'subscribe', topic: 'flight:1' }]);
  last().tell({ type: 'subscribed', topic: 'flight:1', seq: 41 });
  last().tell({ type: 'event', topic: 'flight:1', seq: 43, event: 'flight.updated', data: {} });
  last().tell({ type: 'event', topic: 'flight:2', seq: 44, event: 'flight.updated', data: {} });
  expect(heard).toEqual([undefined, 'flight.updated']);
  last().break(1006);
  expect(live.state).toBe('reconnecting');
  vi.advanceTimersByTime(1000);
  expect(sockets.length).toBe(2);
  last().tell({ type: 'welcome' });
  expect(last().said).toEqual([{ type: 'subscribe', topic: 'flight:1', after: 43 }]);
  last().tell({ type: 'subscribed', topic: 'flight:1', seq: 43 });
  expect(heard.length).toBe(2);
  last().tell({ type: 'refetch', topic: 'flight:1', seq: 60 });
  expect(heard).toEqual([undefined, 'flight.updated', undefined]);
});

test('who left and comes again has no number to go on from', () => {
  const { live, last } = world();
  const keep = live.listen('inbox', () => undefined);
  const leave = live.listen('flight:1', () => undefined);
  last().tell({ type: 'welcome' });
  last().tell({ type: 'subscribed', topic: 'flight:1', seq: 5 });
  leave();
  live.listen('flight:1', () => undefined);
  expect(last().said.slice(2)).toEqual([
    { type: 'unsubscribe', topic: 'flight:1' },
    { type: 'subscribe', topic: 'flight:1' },
  ]);
  keep();
});

test('it comes again after 1, 2, 4 seconds, then asks the API every half minute and tries now and then', () => {
  const { live, sockets, last } = world();
  let asked = 0;
  live.listen('inbox', () => {
    asked += 1;
  });
  for (const [failure, wait] of [1000, 2000, 4000, 8000, 16_000].entries()) {
    last().break(1006);
    expect(live.state).toBe(failure < 2 ? 'reconnecting' : 'polling');
    vi.advanceTimersByTime(wait - 1);
    expect(sockets.length).toBe(failure + 1);
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(failure + 2);
  }
  last().break(1006);
  const before = asked;
  vi.advanceTimersByTime(299_000);
  expect(sockets.length).toBe(6);
  expect(asked - before).toBeGreaterThanOrEqual(9);
  vi.advanceTimersByTime(1000);
  expect(sockets.length).toBe(7);
});

test('each closing is answered as the server asks', () => {
  for (const [code, wait] of [
    [1012, 5000],
    [4000, 1000],
    [4002, 1000],
    [4003, 60_000],
    [4004, 0],
    [1009, 60_000],
  ] as const) {
    const { live, sockets, last } = world();
    live.listen('inbox', () => undefined);
    last().tell({ type: 'welcome' });
    last().break(code);
    if (wait > 0) vi.advanceTimersByTime(wait - 1);
    expect(sockets.length, String(code)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(sockets.length, String(code)).toBe(2);
  }
});

test('a session that ended is said, and nobody knocks any more', () => {
  const { live, sockets, last } = world();
  const ended = vi.fn();
  live.onSignedOut = ended;
  live.listen('inbox', () => undefined);
  last().tell({ type: 'welcome' });
  last().break(4001);
  vi.advanceTimersByTime(600_000);
  expect(ended).toHaveBeenCalledOnce();
  expect(sockets.length).toBe(1);
});

test('silence after a ping is a broken connection', () => {
  const { live, sockets, last } = world();
  live.listen('inbox', () => undefined);
  last().tell({ type: 'welcome' });
  vi.advanceTimersByTime(25_000);
  expect(last().said.at(-1)).toEqual({ type: 'ping' });
  last().tell({ type: 'pong' });
  vi.advanceTimersByTime(24_999);
  expect(live.state).toBe('live');
  vi.advanceTimersByTime(10_001);
  expect(live.state).toBe('reconnecting');
  vi.advanceTimersByTime(1000);
  expect(sockets.length).toBe(2);
});

test('without a network it waits, and comes at once when there is one', () => {
  const { live, sockets, made, last } = world();
  live.listen('inbox', () => undefined);
  last().tell({ type: 'welcome' });
  made.online = false;
  live.networkChanged();
  expect(live.state).toBe('offline');
  vi.advanceTimersByTime(120_000);
  expect(sockets.length).toBe(1);
  made.online = true;
  live.networkChanged();
  expect(sockets.length).toBe(2);
});

test('a topic that is refused is asked for instead, and what makes no sense is passed over', () => {
  const { live, last } = world();
  let asked = 0;
  live.listen('booking:1', () => {
    asked += 1;
  });
  last().tell({ type: 'welcome' });
  last().tell({ type: 'refused', topic: 'booking:1', code: 'owner_only' });
  last().onmessage?.({ data: 'not json' });
  last().onmessage?.({ data: 'null' });
  vi.advanceTimersByTime(30_000);
  expect(asked).toBe(1);
});

test('nobody knocks who is not signed in: the API is asked, and a socket comes with signing in', () => {
  const { live, sockets } = world();
  let asked = 0;
  live.setSignedIn(false);
  live.listen('booking:1', () => {
    asked += 1;
  });
  expect(live.state).toBe('polling');
  vi.advanceTimersByTime(60_000);
  expect([sockets.length, asked]).toEqual([0, 2]);
  live.setSignedIn(true);
  expect(sockets.length).toBe(1);
});

test('nothing is asked while nobody looks, and once when somebody comes back', () => {
  const { live, made } = world();
  let asked = 0;
  live.setSignedIn(false);
  live.listen('booking:1', () => {
    asked += 1;
  });
  made.visible = false;
  live.visibilityChanged();
  vi.advanceTimersByTime(300_000);
  expect(asked).toBe(0);
  made.visible = true;
  live.visibilityChanged();
  live.visibilityChanged();
  expect(asked).toBe(1);
  // A glance elsewhere that was over before anything was due asks for nothing.
  made.visible = false;
  live.visibilityChanged();
  made.visible = true;
  live.visibilityChanged();
  expect(asked).toBe(1);
  vi.advanceTimersByTime(30_000);
  expect(asked).toBe(2);
});

test('a session that was replaced by a new one has its socket again', () => {
  const { live, sockets, last } = world();
  live.setSignedIn(true);
  live.onSignedOut = () => live.setSignedIn(true);
  live.listen('inbox', () => undefined);
  last().tell({ type: 'welcome' });
  last().break(4001);
  expect(sockets.length).toBe(2);
  last().tell({ type: 'welcome' });
  expect(live.state).toBe('live');
});

test('a topic that a busy server refused is asked for again, and another refusal is not', () => {
  const { live, last } = world();
  live.listen('inbox', () => undefined);
  live.listen('booking:1', () => undefined);
  last().tell({ type: 'welcome' });
  last().tell({ type: 'refused', topic: 'inbox', code: 'busy' });
  last().tell({ type: 'refused', topic: 'booking:1', code: 'not_found' });
  vi.advanceTimersByTime(1000);
  expect(last().said.slice(2)).toEqual([{ type: 'subscribe', topic: 'inbox' }]);
});
