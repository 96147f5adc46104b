import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { edgesOf, nextLook } from '../lib/edges';
import { isNear, waysOf } from './booking';
import type { Schemas } from './client';
import { booking as bookingQuery, checkIn, flightStatus } from './hooks';
import { useLive } from './use-live';

/** Browsers count a longer wait wrongly; nothing is asked when it is over, but the next one begun. */
const LONGEST_MS = 3_600_000;

/**
 * Calls `look` when the clock alone has changed something, and when somebody comes back to the page. Nothing is asked while nobody sees it.
 * What changes at `edges`, in milliseconds; `departures` are looked at every minute around them.
 */
export function useEdges(edges: number[], departures: number[], look: () => void): void {
  const told = useEffectEvent(look);
  const all = JSON.stringify([edges, departures]);
  useEffect(() => {
    const [changes, leaves] = JSON.parse(all) as [number[], number[]];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      const next = nextLook(changes, leaves, Date.now());
      if (next === undefined || document.hidden) return;
      const after = () => {
        if (Date.now() >= next) told();
        wait();
      };
      timer = setTimeout(after, Math.min(next - Date.now(), LONGEST_MS));
    };
    const turned = () => {
      if (!document.hidden) told();
      wait();
    };
    wait();
    document.addEventListener('visibilitychange', turned);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', turned);
    };
  }, [all]);
}

/** Asks again for what is shown of a trip: when something happened to it, and when the clock has changed what can be done. */
export function useNews(booking: Schemas['BookingView']): void {
  const client = useQueryClient();
  const { id, status } = booking;
  const confirmed = status === 'confirmed';
  const near = confirmed ? waysOf(booking).flatMap((way) => way.flights.filter(isNear)) : [];
  const opening = useQuery({ ...checkIn(id), enabled: confirmed }).data?.flights ?? [];
  const again = (keys: readonly (readonly unknown[])[], cancelRefetch: boolean) => {
    for (const queryKey of [...keys, bookingQuery(id).queryKey, checkIn(id).queryKey])
      void client.invalidateQueries({ queryKey }, { cancelRefetch });
  };
  const topics = [`booking:${id}`, ...near.map((one) => `flight:${one.flight_id}`)];
  useLive(topics, (topic) => {
    const [kind = '', of = ''] = topic.split(':');
    const keys = kind === 'flight' ? [flightStatus(of).queryKey] : [];
    again([...keys, ['boarding-passes', id]], true);
  });
  const ends = booking.can.flatMap(({ until }) => (until ? [Date.parse(until)] : []));
  const windows = opening.flatMap((one) => [one.opens_at, one.closes_at, one.counter_closes_at].map(Date.parse));
  const leaves = near.filter((one) => one.status !== 'cancelled').map((one) => Date.parse(one.estimated_departs_at));
  useEdges([...near.flatMap(edgesOf), ...ends, ...windows], leaves, () =>
    // What is under way is not asked twice: somebody who comes back is also told by the socket's own rules.
    again(
      near.map((one) => flightStatus(one.flight_id).queryKey),
      false,
    ),
  );
}
