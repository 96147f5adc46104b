import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { waysOf } from '../../api/booking';
import { api, ask, isLost, isRefusal, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking } from '../../api/hooks';
import { useLive } from '../../api/use-live';
import { keyFor } from '../../lib/idempotency';
import { total } from '../../lib/money';
import { useTitle } from '../../lib/title';
import { Notice, Price, Skeleton, Stale, Trouble, Waiting } from '../../ui/parts';
import { askAnew } from './anew';
import { type Booking, Frame, HeldSummary } from './frame';
import { lostOf, newsBetween, type SeatNews, seatsOf } from './live-seats';
import { type Loss, LostSeats } from './lost-seats';
import { SeatMap } from './seat-map';

/** Chosen seats: by flight, then by passenger. */
type Choice = Record<number, Record<number, Schemas['SeatOnFlight']>>;

/** As long as others' choices are not told by the socket, the map is asked for so often while somebody looks at it. */
const LOOK_MS = 20_000;

const seatMap = (booking: string, segment: number) =>
  queryOptions({
    queryKey: ['seats', booking, segment],
    queryFn: () =>
      ask(api.GET('/api/v1/bookings/{id}/seats', { params: { path: { id: booking }, query: { segment } } })),
    retry: false,
  });

export default function Seats() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const booking = useQuery(bookingQuery(id));
  useTitle(t`Seats`);
  if (isLost(booking))
    return (
      <div className="page py-10">
        <Trouble error={booking.error} retry={() => booking.refetch()} />
      </div>
    );
  if (!booking.data) return <Waiting />;
  return (
    <>
      <Stale of={booking} page />
      <Choose booking={booking.data} />
    </>
  );
}

function Choose({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const client = useQueryClient();
  const keepBooking = useKeepBooking();
  const flights = waysOf(booking).flatMap((one) => one.flights);
  const [segment, setSegment] = useState(flights[0]?.segment ?? 1);
  const [choice, setChoice] = useState<Choice>({});
  const on = () => void navigate({ to: '/bookings/$id/extras', params: { id: booking.id } });
  const wishes = Object.entries(choice).flatMap(([flight, seats]) =>
    Object.entries(seats).map(([passenger, seat]) => ({
      segment: Number(flight),
      passenger: Number(passenger),
      seat: seat.seat,
    })),
  );
  const due = total(Object.values(choice).flatMap((seats) => Object.values(seats).map((seat) => seat.price)));
  const take = useMutation({
    mutationFn: async () => {
      const body = { seats: wishes, items: [] };
      const key = keyFor(`seats ${booking.id}`, body);
      const view = await ask(
        api.POST('/api/v1/bookings/{id}/extras', { params: { path: { id: booking.id }, header: key.header }, body }),
      );
      key.done();
      return view;
    },
    onSuccess: (view) => {
      keepBooking(view);
      on();
    },
    onError: (error) => {
      if (!isRefusal(error, 'seat_taken')) return;
      void client.invalidateQueries({ queryKey: ['seats', booking.id] });
      // Where it is shown, with what is free beside it.
      setSegment(Number(error.more.segment ?? segment));
    },
  });
  return (
    <Frame
      at={1}
      title={t`Where do you sit?`}
      intro={t`Choosing is up to you. Whoever has no seat gets one at check-in for nothing, families together.`}
      aside={<HeldSummary booking={booking} />}
      booking={booking}
    >
      {flights.length > 1 && <Flights flights={flights} choice={choice} segment={segment} set={setSegment} />}
      {/* What is being taken is what was chosen when it was asked for. */}
      <div inert={take.isPending}>
        <Flight
          key={segment}
          booking={booking}
          segment={segment}
          chosen={choice[segment] ?? {}}
          set={(seats) => {
            // What was refused is about a choice that is no more; what is under way goes on, and nothing else is sent beside it.
            if (take.isError) take.reset();
            setChoice((all) => ({ ...all, [segment]: seats }));
          }}
        />
      </div>
      {take.error && <Trouble error={take.error} />}
      <div className="flex flex-wrap items-center gap-3 border-t border-edge pt-5">
        <button type="button" className="btn btn-quiet max-sm:flex-1" onClick={on}>
          <Trans>Go on without choosing</Trans>
        </button>
        <button
          type="button"
          className="btn btn-main max-sm:flex-1"
          disabled={wishes.length === 0 || take.isPending}
          onClick={() => take.mutate()}
        >
          <Plural value={wishes.length} _0="Take seats" one="Take # seat" other="Take # seats" />
          {due && <Price money={due} short />}
        </button>
      </div>
    </Frame>
  );
}

interface FlightsProps {
  flights: Booking['segments'];
  choice: Choice;
  segment: number;
  set: (segment: number) => void;
}

function Flights({ flights, choice, segment, set }: FlightsProps) {
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">
        <Trans>Flight</Trans>
      </legend>
      {flights.map((flight) => (
        <label
          key={flight.segment}
          className="inline-flex min-h-11 cursor-pointer items-center gap-2 rounded-full border-[1.5px] border-field px-4 font-semibold has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring"
        >
          <input
            type="radio"
            name="flight"
            className="sr-only"
            checked={segment === flight.segment}
            onChange={() => set(flight.segment)}
          />
          {flight.origin} → {flight.destination}
          <span className="figures text-sm text-soft">
            {Object.values(choice[flight.segment] ?? {})
              .map((seat) => seat.seat)
              .join(' ')}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface FlightProps {
  booking: Booking;
  segment: number;
  chosen: Record<number, Schemas['SeatOnFlight']>;
  set: (seats: Record<number, Schemas['SeatOnFlight']>) => void;
}

function Flight({ booking, segment, chosen, set }: FlightProps) {
  const { t } = useLingui();
  const client = useQueryClient();
  const seated = booking.passengers.filter((one) => one.type !== 'infant');
  const [who, setWho] = useState(seated[0]?.passenger ?? 1);
  // Of a tab that nobody looks at the interval asks nothing. What was refused is not asked again by itself: the page would blink at each try.
  const map = useQuery({
    ...seatMap(booking.id, segment),
    refetchInterval: ({ state }) => (state.data && !state.error ? LOOK_MS : false),
  });
  const flight = booking.segments.find((one) => one.segment === segment)?.flight_id;
  useLive(
    flight && map.data ? [`flight:${flight}`, `booking:${booking.id}`] : [],
    () => void askAnew(client, seatMap(booking.id, segment).queryKey),
  );
  const news = useSeatNews(map.data?.cabin);
  const [losses, setLosses] = useState<Loss[]>([]);
  useEffect(() => {
    const lost = map.data ? lostOf(chosen, map.data.cabin) : [];
    if (lost.length === 0) return;
    const gone = new Map(lost);
    const taken = new Set(
      seatsOf(map.data?.cabin ?? { rows: [] }).flatMap((one) => (one.state === 'taken' ? [one.seat] : [])),
    );
    set(Object.fromEntries(Object.entries(chosen).filter(([passenger]) => !gone.has(Number(passenger)))));
    setLosses((known) => [
      ...known.filter((one) => !gone.has(one.passenger)),
      ...lost.map(([passenger, { seat }]) => ({ passenger, seat, taken: taken.has(seat) })),
    ]);
  }, [map.data, chosen, set]);
  const grid = useRef<HTMLDivElement>(null);
  // Where the keyboard goes on from.
  const focus = (seat: string) => grid.current?.querySelector<HTMLElement>(`[data-seat="${seat}"]`)?.focus();
  if (isRefusal(map.error, 'no_seat_map')) {
    return (
      <Notice tone="note" icon="seat">
        <Trans>Seats of this flight are given at check-in.</Trans>
      </Notice>
    );
  }
  if (isLost(map)) return <Trouble error={map.error} retry={() => map.refetch()} />;
  if (!map.data) return <Skeleton className="h-96" />;
  const { cabin, proposal, seats } = map.data;
  const all = seatsOf(cabin);
  const propose = () => {
    const proposed = proposal.flatMap((one) => {
      const seat = all.find((each) => each.seat === one.seat);
      return seat ? [[one.passenger, { ...seat, price: one.price }] as const] : [];
    });
    setLosses([]);
    set(Object.fromEntries(proposed));
  };
  const give = (seat: Schemas['SeatOnFlight'], passenger: number) => {
    const others = Object.fromEntries(Object.entries(chosen).filter(([, one]) => one.seat !== seat.seat));
    set({ ...others, [passenger]: seat });
    setLosses((known) => known.filter((one) => one.passenger !== passenger));
    return others;
  };
  const pick = (seat: Schemas['SeatOnFlight']) => {
    const others = give(seat, who);
    const next = seated.find(
      (one) =>
        one.passenger !== who && !others[one.passenger] && !seats.some((taken) => taken.passenger === one.passenger),
    );
    if (next) setWho(next.passenger);
  };
  return (
    // A narrow cabin has its place beside; a wide one takes the row below, and is seen whole.
    <div className="flex flex-wrap gap-5">
      <div className="grow basis-60">
        <fieldset className="space-y-2">
          <legend className="mb-2 font-semibold">
            <Trans>Choose for</Trans>
          </legend>
          {seated.map((one) => (
            <label
              key={one.passenger}
              className="flex min-h-12 cursor-pointer items-center gap-3 rounded-xl border-[1.5px] border-field px-3 has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring"
            >
              <input
                type="radio"
                name="who"
                className="size-5 accent-brand"
                checked={who === one.passenger}
                onChange={() => setWho(one.passenger)}
              />
              <span className="min-w-0 flex-1 truncate">{one.given_name}</span>
              <b className="figures">
                {chosen[one.passenger]?.seat ?? seats.find((seat) => seat.passenger === one.passenger)?.seat ?? '–'}
              </b>
            </label>
          ))}
        </fieldset>
        {proposal.length > 0 && (
          <button type="button" className="btn btn-quiet mt-3 w-full" onClick={propose}>
            <Trans>Choose for us, together</Trans>
          </button>
        )}
        <p role="status" className="mt-3 min-h-6 text-sm text-soft">
          {Object.values(chosen).length > 0 &&
            t`Chosen: ${Object.values(chosen)
              .map((seat) => seat.seat)
              .join(', ')}`}
        </p>
      </div>
      <div ref={grid} className="min-w-0 grow-[2]">
        <SeatMap
          cabin={cabin}
          who={who}
          chosen={Object.values(chosen).map((seat) => seat.seat)}
          news={news}
          pick={pick}
        />
        <LostSeats
          losses={losses}
          cabin={cabin}
          chosen={Object.values(chosen).map((seat) => seat.seat)}
          passengers={seated}
          give={(seat, passenger) => {
            give(seat, passenger);
            focus(seat.seat);
          }}
          close={() => {
            setLosses([]);
            focus(losses[0]?.seat ?? '');
          }}
        />
      </div>
    </div>
  );
}

const NONE: SeatNews = { taken: [], freed: [] };

/** What others did to the cabin since it was seen before; it stays until they do more. */
function useSeatNews(cabin: Schemas['SeatCabin'] | undefined): SeatNews {
  const before = useRef<Schemas['SeatCabin']>(undefined);
  const [news, setNews] = useState(NONE);
  useEffect(() => {
    if (!cabin) return;
    const found = newsBetween(before.current ?? cabin, cabin);
    before.current = cabin;
    if (found.taken.length > 0 || found.freed.length > 0) setNews(found);
  }, [cabin]);
  return news;
}
