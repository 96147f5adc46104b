import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode, Ref } from 'react';
import type { Schemas } from '../api/client';
import { useProfile } from '../api/hooks';
import { useTitle } from '../lib/title';
import { Mark } from './flight-line';
import { Icon } from './icons';
import { Trouble, Waiting } from './parts';

interface OwnScreenProps {
  title: string;
  intro?: ReactNode;
  /** Where it leads back to: the account's first screen, which itself leads nowhere. */
  back?: { to: '/me' | '/support' | '/reviews' | '/inbox'; text: string } | null;
  children: (me: Schemas['Profile']) => ReactNode;
}

/** A screen of the account: for whoever is signed in. */
export function OwnScreen({ title, intro, back, children }: OwnScreenProps) {
  const { t } = useLingui();
  const me = useProfile();
  const up = back === undefined ? { to: '/me' as const, text: t`Your account` } : back;
  useTitle(title);
  if (me.isPending && !me.isPaused) return <Waiting />;
  return (
    <div className={`page max-w-3xl ${up ? 'pt-6' : 'pt-8'}`}>
      {up && (
        <Link to={up.to} className="mb-3 inline-flex min-h-11 items-center gap-1 font-semibold text-brand">
          <Icon name="back" className="size-5 rtl:-scale-x-100" />
          {up.text}
        </Link>
      )}
      <h1 className="display text-4xl">{title}</h1>
      {intro && <p className="mt-2 max-w-prose text-soft">{intro}</p>}
      <div className="mt-6 space-y-5">
        {me.data ? (
          children(me.data)
        ) : me.data === null ? (
          <Stranger />
        ) : (
          <Trouble error={me.error} retry={() => me.refetch()} />
        )}
      </div>
    </div>
  );
}

function Stranger() {
  const here = useRouterState({ select: (state) => state.location.pathname });
  return (
    <div className="panel p-8 text-center">
      <Mark className="mx-auto mb-4 w-20 text-brand" />
      <p className="mb-5 text-soft">
        <Trans>This is for whoever is signed in.</Trans>
      </p>
      <Link to="/sign-in" search={{ next: here }} className="btn btn-main">
        <Trans>Sign in</Trans>
      </Link>
    </div>
  );
}

interface PartProps {
  title: string;
  intro?: ReactNode;
  /** For whoever brings the keyboard there, when what it was on is gone. */
  heading?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}

/** A part of a screen, with its heading. */
export function Part({ title, children, intro, heading }: PartProps) {
  return (
    <section className="panel space-y-4 p-5 sm:p-6">
      <div>
        <h2 ref={heading} tabIndex={heading ? -1 : undefined} className="text-xl">
          {title}
        </h2>
        {intro && <p className="mt-1 max-w-prose text-soft">{intro}</p>}
      </div>
      {children}
    </section>
  );
}
