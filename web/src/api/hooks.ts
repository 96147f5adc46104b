import { useLingui } from '@lingui/react';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { forgetPasses, type KeptPasses, keepPasses, keptPasses, mayKeep } from '../lib/pass-store';
import type { Query } from '../lib/search';
import { addDays, today } from '../lib/time';
import { api, ask, hasPass, isRefusal, type Schemas } from './client';

const FOREVER = Number.POSITIVE_INFINITY;

/** The airports that most flights leave from: names and places for pages and the map, asked for once. */
export const busiest = queryOptions({
  queryKey: ['airports', 'busiest'],
  queryFn: () => ask(api.GET('/api/v1/airports', { params: { query: { limit: 100 } } })),
  staleTime: FOREVER,
});

export const placesLike = (text: string) =>
  queryOptions({
    queryKey: ['airports', text],
    queryFn: () => ask(api.GET('/api/v1/airports', { params: { query: { q: text, limit: 12 } } })),
    staleTime: FOREVER,
  });

export interface Place {
  code: string;
  name: string;
  /** What people call where it is. */
  city: string;
  at?: [longitude: number, latitude: number];
}

/** Name and position of an airport or city; undefined until it is known. */
export function usePlace(code: string): Place | undefined {
  const known = useQuery({ ...busiest, enabled: code !== '' }).data;
  const listed = known?.airports.find((one) => one.code === code);
  const asked = useQuery({ ...placesLike(code), enabled: code !== '' && known !== undefined && !listed }).data;
  if (listed) return { ...listed, at: [listed.longitude, listed.latitude] };
  const place = asked?.places.find((one) => one.code === code);
  const airport =
    asked?.airports.find((one) => one.code === code) ??
    (place?.type === 'city' ? asked?.airports.find((one) => place.airports.includes(one.code)) : undefined);
  if (!place) return undefined;
  const city = place.type === 'city' ? place.name : place.city;
  return { code, name: place.name, city, at: airport && [airport.longitude, airport.latitude] };
}

type SearchParams = NonNullable<Parameters<typeof searchOnce>[0]>;

const searchOnce = (query: Record<string, unknown> & { origin: string; destination: string; date: string }) =>
  ask(api.GET('/api/v1/search', { params: { query: query as never } }));

/** What the API is asked for one leg of a trip, and `more` about it. */
export function searchParams(query: Query, index: number, more: Record<string, unknown>): SearchParams {
  const { legs, adults, children, infants, cabin } = query;
  const leg = legs[index] ?? { from: '', to: '', on: '' };
  return { origin: leg.from, destination: leg.to, date: leg.on, adults, children, infants, cabin, ...more };
}

export const searchPage = (params: SearchParams, cursor?: string) =>
  searchOnce({ ...params, limit: 15, ...(cursor ? { cursor } : { facets: true }) });

/** The cheapest price of each day around a date, from today on. */
export function calendar(query: Query, index: number, days = 31, from?: string) {
  const leg = query.legs[index] ?? { from: '', to: '', on: '' };
  const begin = from ?? [addDays(leg.on || today(), -Math.floor(days / 2)), today()].sort()[1] ?? today();
  const { adults, children, infants, cabin } = query;
  const params = { origin: leg.from, destination: leg.to, from: begin, days, adults, children, infants, cabin };
  return queryOptions({
    queryKey: ['calendar', params],
    queryFn: () => ask(api.GET('/api/v1/search/calendar', { params: { query: params } })),
    staleTime: 60_000,
    enabled: leg.from !== '' && leg.to !== '' && leg.from !== leg.to,
  });
}

/** Who is signed in; null where nobody is. */
export const profile = queryOptions({
  queryKey: ['profile'],
  queryFn: async () => (await ask(api.GET('/api/v1/session'))).profile ?? null,
  staleTime: 60_000,
});

export const useProfile = () => useQuery(profile);

/** People that somebody books for, kept with their account. */
export const savedTravellers = queryOptions({
  queryKey: ['travellers'],
  queryFn: () => ask(api.GET('/api/v1/me/travellers')),
});

export const offer = (id: string) =>
  queryOptions({
    queryKey: ['offer', id],
    queryFn: () => ask(api.GET('/api/v1/offers/{offer_id}', { params: { path: { offer_id: id } } })),
    staleTime: FOREVER,
    retry: false,
  });

export const booking = (id: string) =>
  queryOptions({
    queryKey: ['booking', id],
    queryFn: () => ask(api.GET('/api/v1/bookings/{id}', { params: { path: { id } } })),
    retry: false,
  });

export const checkIn = (id: string) =>
  queryOptions({
    queryKey: ['check-in', id],
    queryFn: () => ask(api.GET('/api/v1/bookings/{id}/check-in', { params: { path: { id } } })),
    retry: false,
  });

/** What a flight does now. */
export const flightStatus = (id: string) =>
  queryOptions({
    queryKey: ['flight-status', id],
    queryFn: () => ask(api.GET('/api/v1/flights/{id}/status', { params: { path: { id } } })),
    staleTime: 0,
  });

/** How much in the inbox was not read; counted to 100. */
export const unread = queryOptions({
  queryKey: ['notifications', 'unread'],
  queryFn: async () => (await ask(api.GET('/api/v1/notifications', { params: { query: { limit: 1 } } }))).unread,
});

async function askForPasses(id: string): Promise<KeptPasses> {
  const answer = await ask(api.GET('/api/v1/bookings/{id}/boarding-passes', { params: { path: { id } } }));
  // The same operation answers a PDF where one is asked for.
  const { passes } = answer as Schemas['BoardingPasses'];
  const picture = ({ segment, passenger }: Schemas['BoardingPass']) => {
    const params = { path: { id, segment, passenger } };
    return ask(
      api.GET('/api/v1/bookings/{id}/boarding-passes/{segment}/{passenger}/bar-code', { params, parseAs: 'text' }),
    );
  };
  const pictured = passes.map(async (pass) => ({ ...pass, picture: (await picture(pass)) as string }));
  return { booking: id, at: new Date().toISOString(), passes: await Promise.all(pictured) };
}

/** The boarding passes: asked for, and kept on the device of whoever is signed in; where nobody answers, those that were kept. */
export const boardingPasses = (id: string) =>
  queryOptions({
    queryKey: ['boarding-passes', id],
    queryFn: async (): Promise<KeptPasses & { fresh: boolean }> => {
      try {
        const asked = await askForPasses(id);
        // A booking that was opened with a code is on a borrowed device, perhaps.
        if (!hasPass(id)) await (asked.passes.length > 0 && mayKeep(id) ? keepPasses(asked) : forgetPasses(id));
        return { ...asked, fresh: true };
      } catch (error) {
        if (isRefusal(error, 'not_found', 'forbidden')) await forgetPasses(id);
        // A session that has ended by itself must not take the pass away from somebody at the gate.
        const kept = await keptPasses(id);
        if (kept) return { ...kept, fresh: false };
        throw error;
      }
    },
    networkMode: 'always',
    retry: false,
  });

/** Puts a booking that an operation answered with in the place of what was known of it. */
export function useKeepBooking(): (view: Schemas['BookingView']) => void {
  const client = useQueryClient();
  return (view) => {
    client.setQueryData(booking(view.id).queryKey, view);
    void client.invalidateQueries({ queryKey: ['bookings'] });
  };
}

/** The language that is shown. */
export const useLocale = (): string => useLingui().i18n.locale;
