import { Trans, useLingui } from '@lingui/react/macro';
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { Schemas } from '../../api/client';
import { Icon } from '../icons';
import { Notice, Skeleton } from '../parts';
import type { Fields, Made } from './stripe';

/** So long is waited for Stripe before somebody is told; a network that swallows what is asked says nothing for minutes. */
const PATIENCE_MS = 15_000;

export interface Tokens {
  /** A token of what is typed in; none where something is wrong, which is said at the fields. The same until it is forgotten or something else
   * is typed: what is asked for again after a lost answer is asked for once. */
  make: () => Promise<Made | undefined>;
  /** It was used. */
  forget: () => void;
}

interface Props {
  at: Schemas['MethodsView'];
  types: string[];
  /** What is paid; nothing where a card is to be kept. */
  due?: Schemas['Money'];
  tokens: Ref<Tokens>;
  /** Whether something can be typed in. */
  usable: (is: boolean) => void;
}

/** Stripe's fields, from nothing to a token. What they need is loaded when they are shown. */
export function StripeFields({ at, types, due, tokens, usable }: Props) {
  const { t, i18n } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const fields = useRef<Fields>(undefined);
  const made = useRef<Made>(undefined);
  // How often something else was typed: a token is of what stood there when it was asked for.
  const typed = useRef(0);
  const [attempt, setAttempt] = useState(0);
  const [stands, setStands] = useState<'loading' | 'ready' | 'failed'>('loading');
  const [wrong, setWrong] = useState<string>();
  const wanted = { publishableKey: at.publishable_key, types, locale: i18n.locale, ...(due && { due }) };
  const latest = useRef(wanted);
  latest.current = wanted;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt begins anew
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    let isOver = false;
    const stand = (now: 'ready' | 'failed') => {
      if (!isOver) setStands(now);
    };
    setStands('loading');
    const patience = setTimeout(() => setStands((now) => (now === 'loading' ? 'failed' : now)), PATIENCE_MS);
    const changed = () => {
      typed.current += 1;
      made.current = undefined;
      setWrong(undefined);
    };
    const begin = async () => {
      const { stripeFields } = await import('./stripe');
      if (isOver) return;
      const heard = { ready: () => stand('ready'), failed: () => stand('failed'), changed };
      const begun = await stripeFields(place, latest.current, heard);
      if (isOver) return begun.end();
      fields.current = begun;
    };
    begin().catch(() => stand('failed'));
    return () => {
      isOver = true;
      clearTimeout(patience);
      fields.current?.end();
      fields.current = undefined;
      made.current = undefined;
    };
  }, [attempt]);

  const { amount, currency } = due ?? {};
  useEffect(() => {
    if (amount !== undefined && currency) fields.current?.due({ amount, currency });
  }, [amount, currency]);

  useEffect(() => usable(stands === 'ready'), [stands, usable]);

  useImperativeHandle(tokens, () => ({
    make: async () => {
      if (made.current || !fields.current) return made.current;
      setWrong(undefined);
      const before = typed.current;
      const unreached = t`Stripe was not reached. Check your connection; nothing was charged.`;
      const answer = await fields.current.make().catch(() => ({ wrong: undefined }));
      if ('wrong' in answer) {
        setWrong(answer.wrong ?? unreached);
        return undefined;
      }
      if (typed.current === before) made.current = answer;
      return answer;
    },
    forget: () => {
      made.current = undefined;
    },
  }));

  return (
    <div className="space-y-3">
      {stands === 'loading' && (
        <>
          <p role="status" className="sr-only">
            <Trans>The fields for your card are loading</Trans>
          </p>
          <Skeleton className="h-40" />
        </>
      )}
      {stands === 'failed' && (
        <Notice tone="bad">
          <p className="font-semibold">
            <Trans>
              The fields for your card, which are Stripe's, did not load. Check your connection, and whether something
              in your browser blocks js.stripe.com. Nothing is lost, and nothing was charged.
            </Trans>
          </p>
          <button type="button" className="btn btn-quiet mt-3" onClick={() => setAttempt((count) => count + 1)}>
            <Trans>Try again</Trans>
          </button>
        </Notice>
      )}
      {/* Stripe's words are English where it has no others. */}
      <div ref={box} lang="en" className={stands === 'ready' ? '' : 'h-0 overflow-hidden'} />
      <p role="alert" className={wrong ? 'flex items-center gap-1 text-sm font-semibold text-bad' : 'sr-only'}>
        {wrong && (
          <>
            <Icon name="alert" className="size-4" />
            {wrong}
          </>
        )}
      </p>
    </div>
  );
}
