import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { keyFor } from '../../lib/idempotency';
import { Confirm } from '../../ui/confirm';
import { OwnScreen, Part } from '../../ui/own-screen';
import { Field, Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { offered, savedMethods, useMethodName } from '../../ui/paying/methods';
import { digitsOf, grouped, mayBeCard } from '../../ui/paying/number';

type Saved = Schemas['SavedMethodView'];

/** Between two questions about what the gateway has not settled. */
const WAIT_MS = 2_000;

/** What somebody pays with again: kept at the gateway, of which we see the last digits. */
export default function Cards() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Ways to pay`}
      intro={
        <Trans>Kept by the bank's gateway, not by us: we know the last four digits. You choose one when you pay.</Trans>
      }
    >
      {() => <List />}
    </OwnScreen>
  );
}

function List() {
  const client = useQueryClient();
  const list = useQuery({
    ...savedMethods,
    refetchInterval: (query) => (query.state.data?.some((one) => one.status === 'pending') ? WAIT_MS : false),
  });
  const here = useQuery(offered).data;
  const again = () => client.invalidateQueries({ queryKey: savedMethods.queryKey });
  const remove = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/api/v1/me/payment-methods/{id}', { params: { path: { id } } })),
    onSettled: again,
  });
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-48" />;
  const canAdd = here?.test_numbers && here.methods.some((one) => one.type === 'card');
  return (
    <>
      <Stale of={list} />
      {remove.error && <Trouble error={remove.error} />}
      {list.data.length === 0 ? (
        <p className="panel p-8 text-center text-soft">
          <Trans>Nothing is kept.</Trans>
        </p>
      ) : (
        <ul className="panel divide-y divide-edge px-5">
          {list.data.map((one) => (
            <li key={one.id} className="py-4">
              <One saved={one} busy={remove.isPending} remove={() => remove.mutate(one.id)} />
            </li>
          ))}
        </ul>
      )}
      {canAdd && <Add at={here} added={again} />}
    </>
  );
}

function One({ saved, busy, remove }: { saved: Saved; busy: boolean; remove: () => void }) {
  const { t } = useLingui();
  const name = useMethodName()(saved.method);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <p className="me-auto flex flex-wrap items-center gap-2 font-semibold">
        {name}
        {saved.status === 'pending' && (
          <Tag tone="note">
            <Trans>Being looked at</Trans>
          </Tag>
        )}
        {saved.status === 'requires_action' && (
          <Tag tone="note">
            <Trans>Not approved yet</Trans>
          </Tag>
        )}
        {saved.status === 'failed' && (
          <Tag tone="bad">
            <Trans>The bank does not let it be kept</Trans>
          </Tag>
        )}
      </p>
      {saved.action_url && (
        <a href={saved.action_url} className="btn btn-main">
          <Trans>Go to the bank's page</Trans>
        </a>
      )}
      <Confirm
        label={<Trans>Remove</Trans>}
        name={t`Remove ${name}`}
        question={<Trans>Remove {name}? What it paid for stays paid.</Trans>}
        deed={<Trans>Remove it</Trans>}
        busy={busy}
        act={remove}
      />
    </div>
  );
}

/** Made a token of by the gateway, so that its number passes nobody else; numbers that are known to be tests are taken alone. */
async function tokenOf(number: string, at: Schemas['MethodsView']): Promise<string | undefined> {
  const answer = await fetch(at.tokens_url, {
    method: 'POST',
    credentials: 'omit',
    body: new URLSearchParams({
      key: at.publishable_key,
      type: 'card',
      'card[number]': number,
      // A test number is good until any day to come.
      'card[exp_month]': '12',
      'card[exp_year]': `${new Date().getFullYear() + 3}`,
    }),
  });
  if (answer.status >= 500) throw new Error(`${answer.status}`);
  const { id } = (await answer.json()) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

function Add({ at, added }: { at: Schemas['MethodsView']; added: () => Promise<void> }) {
  const { t } = useLingui();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  // One token for one number: asked again after an answer was lost, the card is kept once.
  const made = useRef<{ digits: string; token: string }>(undefined);
  const keep = useMutation({
    mutationFn: async (digits: string): Promise<Saved | null> => {
      const token = made.current?.digits === digits ? made.current.token : await tokenOf(digits, at);
      if (!token) return null;
      made.current = { digits, token };
      const body = { type: 'card', token };
      const key = keyFor('keep a card', body);
      const saved = await ask(api.POST('/api/v1/me/payment-methods', { params: { header: key.header }, body }));
      key.done();
      made.current = undefined;
      return saved;
    },
    onSuccess: async (saved) => {
      if (!saved) return;
      setNumber('');
      setAsked(false);
      await added();
    },
  });
  const wrong = asked && !mayBeCard(number);
  return (
    <Part title={t`Add a card`}>
      <form
        className="space-y-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (mayBeCard(number)) keep.mutate(digitsOf(number));
          else event.currentTarget.querySelector('input')?.focus();
        }}
      >
        <Field
          label={t`Card number`}
          inputMode="numeric"
          autoComplete="cc-number"
          value={number}
          error={
            wrong
              ? t`A card number has 12 to 19 digits`
              : keep.data === null
                ? t`This is no number of a card`
                : undefined
          }
          onChange={(event) => {
            if (keep.isPending) return;
            if (!keep.isIdle) keep.reset();
            setNumber(grouped(event.target.value));
          }}
        />
        <p className="rounded-xl bg-sunk p-3 text-sm">
          <Trans>
            A demo, which takes test numbers alone: 4242 4242 4242 4242 can be kept, 4000 0027 6000 3184 asks your bank
            each time, 4000 0000 0000 0002 is declined.
          </Trans>
        </p>
        {keep.error && <Trouble error={keep.error} />}
        <div className="flex flex-wrap items-center gap-4">
          <button type="submit" className="btn btn-main max-sm:w-full" disabled={keep.isPending}>
            <Trans>Keep this card</Trans>
          </button>
          <p role="status" className="font-semibold text-good">
            {keep.data?.status === 'ready' && <Trans>It is kept.</Trans>}
          </p>
        </div>
      </form>
    </Part>
  );
}
