import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, ask, isRefusal } from '../../api/client';
import { checkIn } from '../../api/hooks';
import { Icon } from '../../ui/icons';
import { Trouble } from '../../ui/parts';
import { type Booking, can, type Flight, Frame } from './frame';

interface SafetyProps {
  booking: Booking;
  flights: Flight[];
  papers: boolean;
  chosen: number[];
}

/** What must not fly, and the word of whoever checks in that nobody has it with them; it is theirs to give, so it is not ticked. */
export function Safety({ booking, flights, papers, chosen }: SafetyProps) {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [declared, setDeclared] = useState(false);
  const [asked, setAsked] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const go = useMutation({
    mutationFn: async () => {
      for (const flight of flights) {
        const passengers = chosen.filter((who) =>
          flight.passengers.some((one) => one.passenger === who && can(one, 'check_in')),
        );
        if (passengers.length === 0) continue;
        const params = { path: { id: booking.id, segment: flight.segment } };
        const body = { passengers, no_dangerous_goods: true };
        // One after the other: what was done stays done when the next is refused, and asking again does it no second time.
        await ask(api.PUT('/api/v1/bookings/{id}/check-in/{segment}', { params, body }));
      }
    },
    onSuccess: async () => {
      client.removeQueries({ queryKey: ['boarding-passes', booking.id] });
      await navigate({ to: '/trips/$id/passes', params: { id: booking.id }, search: { new: '1' } });
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['booking', booking.id] });
      await client.invalidateQueries({ queryKey: checkIn(booking.id).queryKey });
    },
  });
  const goods = [
    t`Fireworks, flares, and anything else that explodes`,
    t`Gas: camping stoves, cylinders, pepper spray`,
    t`What burns: petrol, paint, lighter fuel, matches in a bag that is checked`,
    t`Acids, bleach, mercury, poison`,
    t`Spare lithium batteries and power banks in a bag that is checked: they belong in the cabin`,
    t`Batteries that are damaged or were recalled`,
  ];
  const wrong = asked && !declared;
  return (
    <Frame
      step="safety"
      papers={papers}
      title={t`What must not fly`}
      intro={<Trans>Not in your pockets, not in the cabin, and not in a checked bag.</Trans>}
    >
      <ul className="panel divide-y divide-edge px-5">
        {goods.map((text) => (
          <li key={text} className="flex items-start gap-3 py-3">
            <Icon name="cross" className="mt-0.5 size-5 text-bad" />
            {text}
          </li>
        ))}
      </ul>
      <form
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (declared) go.mutate();
          else box.current?.focus();
        }}
      >
        <div>
          <label className="panel flex min-h-16 cursor-pointer items-start gap-4 p-5 has-checked:border-brand has-checked:bg-tint">
            <input
              ref={box}
              type="checkbox"
              className="mt-0.5 size-6 shrink-0 accent-brand"
              checked={declared}
              aria-invalid={wrong || undefined}
              aria-describedby={wrong ? 'goods-wrong' : undefined}
              onChange={(event) => setDeclared(event.target.checked)}
            />
            <span className="font-semibold">
              <Plural
                value={chosen.length}
                one="I have none of these with me."
                other="None of the # of us has any of these with them."
              />
            </span>
          </label>
          {wrong && (
            <p id="goods-wrong" className="mt-2 flex items-center gap-2 font-semibold text-bad">
              <Icon name="alert" />
              <Trans>Nobody is checked in without this declaration. If it is not so, leave those things at home.</Trans>
            </p>
          )}
        </div>
        {go.error && <Trouble error={go.error} />}
        {isRefusal(go.error, 'document_not_valid') && (
          <Link
            to="/trips/$id/check-in"
            params={{ id: booking.id }}
            search={(now) => ({ ...now, step: 'papers' })}
            className="btn btn-quiet w-full"
          >
            <Trans>Back to the passports</Trans>
          </Link>
        )}
        <button type="submit" className="btn btn-main w-full" disabled={go.isPending}>
          <Plural value={chosen.length} one="Check in" other="Check # travellers in" />
        </button>
      </form>
    </Frame>
  );
}
