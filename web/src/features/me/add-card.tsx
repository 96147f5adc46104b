import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { keyFor } from '../../lib/idempotency';
import { Part } from '../../ui/own-screen';
import { Field, Trouble } from '../../ui/parts';
import { isAnswered } from '../../ui/paying/answered';
import { digitsOf, grouped, mayBeCard } from '../../ui/paying/number';
import { StripeFields, type Tokens } from '../../ui/paying/stripe-fields';
import { TEST_NUMBERS } from '../../ui/paying/test-numbers';

type Saved = Schemas['SavedMethodView'];

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

interface AddProps {
  at: Schemas['MethodsView'];
  list: Saved[];
  /** A card was asked to be kept: it may be, also where no answer came. */
  asked: () => Promise<void>;
}

/** Keeps a card by its token; nothing where none could be made, and the reason stands at the fields. */
function useKeep(
  make: () => Promise<{ type: string; token: string } | undefined>,
  forget: () => void,
  { asked }: AddProps,
) {
  return useMutation({
    mutationFn: async (): Promise<Saved | null> => {
      const body = await make();
      if (!body) return null;
      const key = keyFor('keep a card', body);
      const saved = await ask(api.POST('/api/v1/me/payment-methods', { params: { header: key.header }, body }));
      key.done();
      forget();
      return saved;
    },
    onError: (error) => {
      // A token that was refused is good for nothing; one that no answer came about may have kept the card.
      if (isAnswered(error)) forget();
    },
    onSettled: asked,
  });
}

export function AddCard(props: AddProps) {
  return props.at.fields === 'stripe' ? <AddAtStripe {...props} /> : <AddNumber {...props} />;
}

function AddAtStripe(props: AddProps) {
  const { t } = useLingui();
  const tokens = useRef<Tokens>(null);
  const [isUsable, setUsable] = useState(false);
  // A card that is kept leaves empty fields behind.
  const [kept, setKept] = useState(0);
  const make = async () => tokens.current?.make();
  const keep = useKeep(make, () => tokens.current?.forget(), props);
  return (
    <Part title={t`Add a card`}>
      <form
        className="space-y-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!keep.isPending) keep.mutate(undefined, { onSuccess: (saved) => saved && setKept((count) => count + 1) });
        }}
      >
        <StripeFields key={kept} at={props.at} types={CARD} tokens={tokens} usable={setUsable} />
        {keep.error && <Trouble error={keep.error} />}
        <Keep list={props.list} saved={keep.data} busy={keep.isPending || !isUsable} />
      </form>
    </Part>
  );
}

const CARD = ['card'];

function AddNumber(props: AddProps) {
  const { t } = useLingui();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  // One token for one number: asked again after an answer was lost, the card is kept once.
  const made = useRef<{ digits: string; token: string }>(undefined);
  const make = async () => {
    const digits = digitsOf(number);
    const token = made.current?.digits === digits ? made.current.token : await tokenOf(digits, props.at);
    if (!token) return undefined;
    made.current = { digits, token };
    return { type: 'card', token };
  };
  const forget = () => {
    made.current = undefined;
  };
  const keep = useKeep(make, forget, props);
  const wrong = asked && !mayBeCard(number);
  return (
    <Part title={t`Add a card`}>
      <form
        className="space-y-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (!mayBeCard(number)) event.currentTarget.querySelector('input')?.focus();
          else
            keep.mutate(undefined, {
              onSuccess: (saved) => {
                if (!saved) return;
                setNumber('');
                setAsked(false);
              },
            });
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
            A demo, which takes test numbers alone: {TEST_NUMBERS.good} can be kept, {TEST_NUMBERS.asks} asks your bank
            each time, {TEST_NUMBERS.declined} is declined.
          </Trans>
        </p>
        {keep.error && <Trouble error={keep.error} />}
        <Keep list={props.list} saved={keep.data} busy={keep.isPending} />
      </form>
    </Part>
  );
}

interface KeepProps {
  list: Saved[];
  /** What was kept last. */
  saved: Saved | null | undefined;
  busy: boolean;
}

/** The button, and beside it how the card that was kept last stands. */
function Keep({ list, saved, busy }: KeepProps) {
  const kept = list.find((one) => one.id === saved?.id)?.status;
  return (
    <div className="flex flex-wrap items-center gap-4">
      <button type="submit" className="btn btn-main max-sm:w-full" disabled={busy}>
        <Trans>Keep this card</Trans>
      </button>
      <p
        role="status"
        className={`font-semibold ${kept === 'ready' ? 'text-good' : kept === 'failed' ? 'text-bad' : ''}`}
      >
        {kept === 'ready' && <Trans>It is kept.</Trans>}
        {kept === 'pending' && <Trans>The bank looks at it.</Trans>}
        {kept === 'requires_action' && <Trans>The bank wants you to approve it: go to its page from the list.</Trans>}
        {kept === 'failed' && <Trans>The bank does not let this card be kept.</Trans>}
      </p>
    </div>
  );
}
