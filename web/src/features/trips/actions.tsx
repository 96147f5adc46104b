import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { soonest, waysOf } from '../../api/booking';
import { api, ask, hasPass, type Schemas } from '../../api/client';
import { checkIn, useLocale } from '../../api/hooks';
import { saveFile } from '../../lib/save';
import { formatMoment } from '../../lib/time';
import { Icon, type IconName } from '../../ui/icons';
import { Trouble } from '../../ui/parts';

type Booking = Schemas['BookingView'];
type Chance = Schemas['BookingChance'];

/** What can be done with a trip now, and until when: the API says both (`can`). */
export function Actions({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const locale = useLocale();
  const params = { id: booking.id };
  const can = (...actions: string[]) => booking.can.filter((one) => actions.includes(one.action));
  const said = (chances: Chance[]) => <Until booking={booking} chances={chances} />;
  const [checkingIn, extras, changes, ends] = [
    can('check_in', 'add_document'),
    can('add_extras'),
    can('change'),
    can('cancel'),
  ];
  return (
    <section aria-label={t`What you can do`} className="panel flex flex-col gap-2 p-4 shadow-card" lang={locale}>
      {booking.status === 'confirmed' && (
        <CheckInDeed
          booking={booking}
          back={can('undo_check_in').length > 0}
          until={checkingIn.length > 0 && said(checkingIn)}
        />
      )}
      {booking.status === 'confirmed' && extras.length > 0 && (
        <Deed icon="seat" link={{ to: '/bookings/$id/seats', params }} until={said(extras)}>
          <Trans>Seats and extras</Trans>
        </Deed>
      )}
      <Papers booking={booking} />
      {changes.length > 0 && (
        <Deed icon="swap" link={{ to: '/trips/$id/change', params }} until={said(changes)}>
          <Trans>Change flights</Trans>
        </Deed>
      )}
      {ends.length > 0 && (
        <Deed icon="close" link={{ to: '/trips/$id/cancel', params }} until={said(ends)}>
          <Trans>Cancel the trip</Trans>
        </Deed>
      )}
      {!hasPass(booking.id) && (
        <Link to="/support/new" search={{ booking: booking.id }} className="btn btn-quiet justify-start">
          <Icon name="help" />
          <Trans>Ask about this trip</Trans>
        </Link>
      )}
      {hasPass(booking.id) && (
        <p className="px-1 text-sm text-soft">
          <Trans>Opened with a code: it closes by itself after a while, and with this page.</Trans>
        </p>
      )}
    </section>
  );
}

/** Check-in: now, or from when on; and for whoever has second thoughts. */
function CheckInDeed({ booking, back, until }: { booking: Booking; back: boolean; until: ReactNode }) {
  const locale = useLocale();
  const flights = useQuery(checkIn(booking.id)).data?.flights ?? [];
  const [next] = flights
    .filter((one) => one.check_in === 'not_open')
    .map((one) => one.opens_at)
    .sort();
  if (!until && !back && !next) return null;
  const opens = next && formatMoment(next, locale);
  return (
    <Deed
      icon="check"
      link={{ to: '/trips/$id/check-in', params: { id: booking.id } }}
      until={until || (!back && opens && <Trans>From {opens}, your time.</Trans>)}
    >
      <Trans>Check-in</Trans>
    </Deed>
  );
}

interface DeedProps {
  icon: IconName;
  link: Pick<LinkProps, 'to' | 'params'>;
  until: ReactNode;
  children: ReactNode;
}

/** Something to do, and below it until when. */
function Deed({ icon, link, until, children }: DeedProps) {
  const id = useId();
  return (
    <div>
      <Link {...link} className="btn btn-quiet w-full justify-start" aria-describedby={until ? id : undefined}>
        <Icon name={icon} />
        {children}
      </Link>
      {until && (
        <p id={id} className="px-1 pt-1 pb-2 text-sm text-soft">
          {until}
        </p>
      )}
    </div>
  );
}

/** Until when; of several ways or flights the one that ends first, by its name. */
function Until({ booking, chances }: { booking: Booking; chances: Chance[] }) {
  const locale = useLocale();
  const first = soonest(chances);
  if (!first?.until) return null;
  const until = formatMoment(first.until, locale);
  const way = waysOf(booking).find((one) => one.slice === first.slice)?.flights;
  const what =
    booking.segments.find((one) => one.segment === first.segment)?.flight_number ??
    (way && `${way[0]?.origin} → ${way.at(-1)?.destination}`);
  if (chances.length < 2 || !what) return <Trans>Until {until}, your time.</Trans>;
  return (
    <Trans>
      {what}: until {until}, your time.
    </Trans>
  );
}

/** Papers that the server makes, in the language of the page: which there are, it says. */
function Papers({ booking }: { booking: Booking }) {
  const params = { path: { id: booking.id } };
  const kinds: Record<string, [string, IconName, ReactNode, () => Promise<unknown>]> = {
    itinerary: [
      `itinerary-${booking.locator}.pdf`,
      'paper',
      <Trans key="itinerary">Itinerary (PDF)</Trans>,
      () => ask(api.GET('/api/v1/bookings/{id}/itinerary', { params, parseAs: 'blob' })),
    ],
    calendar: [
      `trip-${booking.locator}.ics`,
      'calendar',
      // The same file takes out of a calendar what was cancelled.
      booking.status === 'cancelled' ? (
        <Trans key="calendar">Out of my calendar</Trans>
      ) : (
        <Trans key="calendar">Into my calendar</Trans>
      ),
      () => ask(api.GET('/api/v1/bookings/{id}/calendar', { params, parseAs: 'blob' })),
    ],
    receipt: [
      `receipt-${booking.locator}.pdf`,
      'ticket',
      <Trans key="receipt">Receipt (PDF)</Trans>,
      () =>
        ask(
          api.GET('/api/v1/bookings/{id}/receipt', {
            params: { ...params, query: { format: 'pdf' } },
            parseAs: 'blob',
          }),
        ),
    ],
  };
  const take = useMutation({
    mutationFn: async (kind: string) => {
      const [name, , , question] = kinds[kind] ?? [];
      if (name && question) saveFile((await question()) as Blob, name);
    },
  });
  return (
    <>
      {take.error && <Trouble error={take.error} />}
      {booking.documents.map(({ kind }) => {
        const [, icon, text] = kinds[kind] ?? [];
        return (
          icon && (
            <button
              key={kind}
              type="button"
              className="btn btn-quiet justify-start"
              disabled={take.isPending}
              onClick={() => take.mutate(kind)}
            >
              <Icon name={icon} />
              {text}
            </button>
          )
        );
      })}
    </>
  );
}
