import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { askAnew } from './anew';

const KEY = ['seats', 'bkg_1', 1];
const settled = () => new Promise((done) => setTimeout(done));

/** A question that is shown, whose answers come when they are let come. */
function shown() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const underway: ((answer: string | Error) => void)[] = [];
  const queryFn = () =>
    new Promise<string>((come, fail) => {
      underway.push((answer) => (answer instanceof Error ? fail(answer) : come(answer)));
    });
  const end = new QueryObserver(client, { queryKey: KEY, queryFn }).subscribe(() => undefined);
  const answer = async (text: string | Error) => {
    underway.at(-1)?.(text);
    await settled();
  };
  return { client, underway, answer, end };
}

/** Something else happened, and it is asked for again. */
async function askOnceMore(client: QueryClient): Promise<void> {
  void askAnew(client, KEY);
  await settled();
}

test('what happens while an answer is under way is asked for after it, once', async () => {
  const { client, underway, answer, end } = shown();
  await answer('first');
  // By the flight and by the booking.
  void askAnew(client, KEY);
  void askAnew(client, KEY);
  await settled();
  expect(underway).toHaveLength(2);
  void askAnew(client, KEY);
  void askAnew(client, KEY);
  await settled();
  expect(underway).toHaveLength(2);
  await answer('from before');
  expect(underway).toHaveLength(3);
  await answer('now');
  expect(client.getQueryData(KEY)).toBe('now');
  expect(underway).toHaveLength(3);
  end();
});

test('an answer that did not come keeps nothing from being asked for', async () => {
  const { client, underway, answer, end } = shown();
  await answer('first');
  await askOnceMore(client);
  await askOnceMore(client);
  await answer(new Error('lost'));
  await answer('now');
  expect(client.getQueryData(KEY)).toBe('now');
  void askAnew(client, KEY);
  await settled();
  expect(underway).toHaveLength(4);
  end();
});

test('what is shown no more is not asked for', async () => {
  const { client, underway, answer, end } = shown();
  await answer('first');
  await askOnceMore(client);
  await askOnceMore(client);
  end();
  await answer('from before');
  await settled();
  expect(underway).toHaveLength(2);
});
