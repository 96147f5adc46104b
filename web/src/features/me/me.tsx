import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { profile } from '../../api/hooks';
import { Icon } from '../../ui/icons';
import { OwnScreen, Part } from '../../ui/own-screen';
import { Field, Notice, Tag, Trouble } from '../../ui/parts';
import { fieldsOf } from '../../ui/sign-in-form';
import { useProven } from './proof';

type Profile = Schemas['Profile'];

/** The account's first screen: who one is, and where the rest is. */
export default function Me() {
  const { t } = useLingui();
  return (
    <OwnScreen title={t`Your account`} back={null}>
      {(me) => (
        <>
          <Ways />
          <Person me={me} />
          <Address me={me} />
        </>
      )}
    </OwnScreen>
  );
}

const WAYS = [
  '/me/travellers',
  '/me/cards',
  '/alerts',
  '/me/security',
  '/me/sessions',
  '/me/data',
  '/reviews',
  '/support',
] as const;

function Ways() {
  const { t } = useLingui();
  const texts: Record<(typeof WAYS)[number], [string, string]> = {
    '/me/travellers': [t`Travellers`, t`People you book for, typed once`],
    '/me/cards': [t`Ways to pay`, t`Cards you need not type again`],
    '/alerts': [t`Prices you watch`, t`Be told when a flight costs less`],
    '/me/security': [t`Sign-in and security`, t`Password, authenticator app, passkeys`],
    '/me/sessions': [t`Where you are signed in`, t`Devices and programs, and how to end them`],
    '/me/data': [t`Your data`, t`Take it with you, or delete the account`],
    '/reviews': [t`Your reviews`, t`Say how a flight was`],
    '/support': [t`Your questions`, t`Ask us, and read our answers`],
  };
  return (
    <nav aria-label={t`Your account`}>
      <ul className="grid gap-3 sm:grid-cols-2">
        {WAYS.map((way) => (
          <li key={way}>
            <Link to={way} className="panel group flex h-full min-h-20 items-center gap-3 p-4 hover:border-brand">
              <span className="me-auto min-w-0">
                <span className="block text-lg font-semibold group-hover:underline">{texts[way][0]}</span>
                <span className="block text-sm text-soft">{texts[way][1]}</span>
              </span>
              <Icon name="next" className="size-5 text-brand rtl:-scale-x-100" />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Name, telephone and the language of mails. */
function Person({ me }: { me: Profile }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: ({ name = '', phone = '', locale }: Record<string, string>) =>
      ask(
        api.PATCH('/api/v1/profile', {
          body: { name: name.trim(), phone: phone.replaceAll(/[\s()-]/g, ''), locale },
        }),
      ),
    onSuccess: (saved) => client.setQueryData(profile.queryKey, saved),
  });
  return (
    <Part title={t`You`}>
      <form
        className="grid items-start gap-4 sm:grid-cols-2"
        onChange={() => save.isSuccess && save.reset()}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(fieldsOf(event.currentTarget));
        }}
      >
        <Field label={t`Name`} name="name" autoComplete="name" defaultValue={me.name} maxLength={100} required />
        <Field
          label={t`Telephone`}
          name="phone"
          type="tel"
          autoComplete="tel"
          defaultValue={me.phone ?? ''}
          help={t`With the country's number, like +91 98123 45678`}
        />
        <label className="block">
          <span className="mb-1 block text-sm font-semibold">
            <Trans>Language of mails</Trans>
          </span>
          <select name="locale" className="input" defaultValue={me.locale}>
            <option value="en" lang="en">
              English
            </option>
            <option value="hi" lang="hi">
              हिन्दी
            </option>
          </select>
        </label>
        <div className="space-y-3 sm:col-span-2">
          {save.error && <Trouble error={save.error} />}
          <div className="flex flex-wrap items-center gap-4">
            <button type="submit" className="btn btn-main" disabled={save.isPending}>
              <Trans>Save</Trans>
            </button>
            <p role="status" className="font-semibold text-good">
              {save.isSuccess && <Trans>Saved</Trans>}
            </p>
          </div>
        </div>
      </form>
    </Part>
  );
}

/** The address that mails go to: confirmed or not, and how to have another. */
function Address({ me }: { me: Profile }) {
  const { t } = useLingui();
  const [changing, setChanging] = useState(false);
  const again = useMutation({ mutationFn: () => ask(api.POST('/api/v1/me/verification')) });
  const { mutation: change, proof } = useProven({
    act: (email: string) => ask(api.POST('/api/v1/me/email', { body: { email } })),
    done: () => setChanging(false),
  });
  return (
    <Part title={t`E-mail`}>
      <p className="flex flex-wrap items-center gap-3">
        <b className="font-semibold break-all">{me.email}</b>
        <Tag tone={me.email_verified ? 'good' : 'note'}>
          {me.email_verified ? <Trans>Confirmed</Trans> : <Trans>Not confirmed yet</Trans>}
        </Tag>
      </p>
      {!me.email_verified &&
        (again.isSuccess ? (
          <Notice tone="good" icon="check">
            <Trans>A mail with a link is on its way. It is good for 24 hours.</Trans>
          </Notice>
        ) : (
          <button
            type="button"
            className="btn btn-quiet me-3"
            disabled={again.isPending}
            onClick={() => again.mutate()}
          >
            <Trans>Send the mail to confirm it again</Trans>
          </button>
        ))}
      {again.error && <Trouble error={again.error} />}
      {change.isSuccess && (
        <Notice tone="good" icon="check">
          <Trans>A link went to {change.variables}. Until it is opened, the address above counts.</Trans>
        </Notice>
      )}
      {changing ? (
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate((fieldsOf(event.currentTarget).email ?? '').trim());
          }}
        >
          <Field label={t`New address`} name="email" type="email" autoComplete="email" autoFocus required />
          {proof}
          {change.error && !proof && <Trouble error={change.error} />}
          <div className="flex flex-wrap gap-3">
            <button type="submit" className="btn btn-main" disabled={change.isPending}>
              <Trans>Send a link there</Trans>
            </button>
            <button type="button" className="btn btn-quiet" onClick={() => setChanging(false)}>
              <Trans>Leave it</Trans>
            </button>
          </div>
        </form>
      ) : (
        <button type="button" className="btn btn-quiet" onClick={() => setChanging(true)}>
          <Trans>Use another address</Trans>
        </button>
      )}
    </Part>
  );
}
