import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, keepPass, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { dayOf, formatDay } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { JourneyLine } from '../../ui/journey';
import { useStatusNames } from '../../ui/names';
import { Field, Tag, Trouble } from '../../ui/parts';
import { fieldsOf } from '../../ui/sign-in-form';
import { type Progress, usePuzzled } from './puzzled';

type Record_ = Pick<Schemas['RecordRequest'], 'locator' | 'surname'>;

/** What a solved puzzle is good for. */
const textOf = ({ locator, surname }: Record_) => `${locator} ${surname}`;

/** A booking without an account: its flights by code and surname; the rest by a code that goes to its own mail address. */
export default function Retrieve() {
  const { t } = useLingui();
  const [asked, setAsked] = useState<Record_>();
  useTitle(t`Find a booking`);
  const work = usePuzzled();
  const { progress, puzzled } = work;
  const find = useMutation({
    mutationFn: (body: Record_) =>
      puzzled(textOf(body), (puzzle) => ask(api.POST('/api/v1/records', { body: { ...body, puzzle } }))),
    onSuccess: (_, body) => setAsked(body),
  });
  return (
    <div className="page max-w-2xl pt-8">
      <h1 className="display mb-2 text-4xl">
        <Trans>Find a booking</Trans>
      </h1>
      <p className="mb-6 text-soft">
        <Trans>The code has six letters and digits and stands in your confirmation.</Trans>
      </p>
      <form
        className="panel mb-5 grid items-start gap-4 p-5 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          const { locator = '', surname = '' } = fieldsOf(event.currentTarget);
          find.mutate({ locator: locator.trim().toUpperCase(), surname: surname.trim() });
        }}
      >
        <Field
          label={t`Booking code`}
          name="locator"
          autoComplete="off"
          autoCapitalize="characters"
          maxLength={6}
          required
          className="uppercase"
        />
        <Field label={t`Surname of a traveller`} name="surname" autoComplete="family-name" required />
        <button type="submit" className="btn btn-main sm:col-span-2" disabled={find.isPending}>
          <Icon name="search" />
          <Trans>Find it</Trans>
        </button>
      </form>
      <Working progress={find.isPending ? progress : undefined} />
      {find.error && <Trouble error={find.error} />}
      {find.data && asked && <Found itinerary={find.data} asked={asked} work={work} />}
    </div>
  );
}

/** Why it takes a moment, and how far it is: there for whoever listens before it has anything to say. */
function Working({ progress }: { progress: Progress }) {
  const { t } = useLingui();
  return (
    <>
      <p role="status" className={progress === undefined ? 'sr-only' : 'mb-2 text-soft'}>
        {progress !== undefined && (
          <Trans>
            Somebody is guessing booking codes just now. So that they get nowhere, your device does a small sum first;
            it takes a few seconds.
          </Trans>
        )}
      </p>
      {progress !== undefined && (
        <progress
          className="mb-5 h-3 w-full accent-brand"
          aria-label={t`The sum`}
          value={Math.round(progress * 100)}
          max={100}
        />
      )}
    </>
  );
}

interface FoundProps {
  itinerary: Schemas['Itinerary'];
  asked: Record_;
  work: ReturnType<typeof usePuzzled>;
}

function Found({ itinerary, asked, work }: FoundProps) {
  const locale = useLocale();
  const names = useStatusNames();
  return (
    <section className="panel space-y-5 p-5 shadow-card">
      <h2 className="flex flex-wrap items-center gap-3 text-2xl">
        <span className="figures">{itinerary.locator}</span>
        <Tag tone={itinerary.status === 'confirmed' ? 'good' : 'plain'}>
          {names[itinerary.status] ?? itinerary.status}
        </Tag>
      </h2>
      <ul className="space-y-5">
        {itinerary.segments.map((flight) => (
          <li key={flight.segment}>
            <p className="mb-1 text-sm text-soft">
              {flight.flight_number} · {formatDay(dayOf(flight.departs_at), locale)}
            </p>
            <JourneyLine flights={[flight]} />
          </li>
        ))}
      </ul>
      <Open asked={asked} work={work} />
    </section>
  );
}

/** Everything else is for whoever reads the booking's mail. */
function Open({ asked, work: { progress, puzzled } }: Omit<FoundProps, 'itinerary'>) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const send = useMutation({
    mutationFn: () =>
      puzzled(textOf(asked), (puzzle) => ask(api.POST('/api/v1/records/code', { body: { ...asked, puzzle } }))),
  });
  const open = useMutation({
    mutationFn: (code: string) =>
      puzzled(textOf(asked), (puzzle) =>
        ask(api.POST('/api/v1/records/session', { body: { ...asked, code, puzzle } })),
      ),
    onSuccess: (pass) => {
      keepPass(pass.booking_id, pass.access_token);
      void navigate({ to: '/trips/$id', params: { id: pass.booking_id } });
    },
  });
  return (
    <div className="space-y-4 border-t border-edge pt-5">
      <p>
        <Trans>To see names, tickets and receipt, or to cancel, we send a code to the booking's e-mail address.</Trans>
      </p>
      <Working progress={send.isPending || open.isPending ? progress : undefined} />
      {send.error && <Trouble error={send.error} />}
      {open.error && <Trouble error={open.error} />}
      {send.isSuccess ? (
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            open.mutate((fieldsOf(event.currentTarget).code ?? '').trim());
          }}
        >
          <Field
            label={t`Code from the mail`}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            required
            autoFocus
          />
          <button type="submit" className="btn btn-main" disabled={open.isPending}>
            <Trans>Open the booking</Trans>
          </button>
        </form>
      ) : (
        <button type="button" className="btn btn-quiet" disabled={send.isPending} onClick={() => send.mutate()}>
          <Trans>Send me the code</Trans>
        </button>
      )}
    </div>
  );
}
