import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { deviceOf } from '../../lib/device';
import { formatMoment } from '../../lib/time';
import { hasPasskeys, isDismissed, isKnownAlready, makePasskey } from '../../lib/webauthn';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icons';
import { OwnScreen, Part } from '../../ui/own-screen';
import { Notice, Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { fieldsOf, Password } from '../../ui/sign-in-form';
import { Codes } from './codes';
import { Identities } from './identities';
import { linkedProviders, secondFactors, useProven } from './proof';
import { Totp } from './totp';

/** What opens the account, and what a thief of the password would need besides. */
export default function Security() {
  const { t } = useLingui();
  return (
    <OwnScreen title={t`Sign-in and security`}>
      {(me) => (
        <>
          <PasswordPart email={me.email} />
          <SecondFactors />
          <Identities />
        </>
      )}
    </OwnScreen>
  );
}

function PasswordPart({ email }: { email: string }) {
  const { t } = useLingui();
  const linked = useQuery(linkedProviders);
  const send = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/password/forgotten', { body: { email } })),
  });
  if (linked.data && !linked.data.has_password)
    return (
      <Part title={t`Password`} intro={<Trans>Your account has none; you sign in with a provider.</Trans>}>
        {send.error && <Trouble error={send.error} />}
        {send.isSuccess ? (
          <Notice tone="good" icon="check">
            <Trans>A mail with a link is on its way. It is good for 30 minutes.</Trans>
          </Notice>
        ) : (
          <button type="button" className="btn btn-quiet" disabled={send.isPending} onClick={() => send.mutate()}>
            <Trans>Set a password by mail</Trans>
          </button>
        )}
      </Part>
    );
  return <Change />;
}

function Change() {
  const { t } = useLingui();
  const form = useRef<HTMLFormElement>(null);
  const { mutation: change, proof } = useProven({
    act: ({ current = '', password = '' }: Record<string, string>) =>
      ask(api.POST('/api/v1/me/password', { body: { current, password } })),
    done: () => form.current?.reset(),
  });
  return (
    <Part title={t`Password`} intro={<Trans>A new one ends every other session.</Trans>}>
      <form
        ref={form}
        className="max-w-md space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(fieldsOf(event.currentTarget));
        }}
      >
        {change.error && !proof && <Trouble error={change.error} />}
        {change.isSuccess && (
          <Notice tone="good" icon="check">
            <Trans>The new password counts from now on. Everywhere else you are signed out.</Trans>
          </Notice>
        )}
        <Password name="current" label={t`Password until now`} autoComplete="current-password" />
        <Password
          label={t`New password`}
          autoComplete="new-password"
          help={t`15 characters or more; a few words do well. Any characters, any script.`}
        />
        <button type="submit" className="btn btn-main" disabled={change.isPending}>
          <Trans>Change the password</Trans>
        </button>
      </form>
      {proof}
    </Part>
  );
}

/** An authenticator app, passkeys, and the codes for the day both are lost. */
function SecondFactors() {
  const { t } = useLingui();
  const client = useQueryClient();
  const list = useQuery(secondFactors);
  const heading = useRef<HTMLHeadingElement>(null);
  const [codes, setCodes] = useState<string[]>();
  const [adding, setAdding] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: secondFactors.queryKey });
  const added = ({ recovery_codes }: Schemas['SecondFactorAdded']) => {
    setAdding(false);
    setCodes(recovery_codes ?? undefined);
    void again();
  };
  const { mutation: renew, proof } = useProven({
    act: () => ask(api.POST('/api/v1/me/second-factors/recovery-codes')),
    done: (made) => {
      setCodes(made.recovery_codes);
      void again();
    },
  });
  const factors = list.data?.second_factors ?? [];
  return (
    <Part
      title={t`Second step`}
      heading={heading}
      intro={<Trans>Something besides the password, so that a stolen password opens nothing.</Trans>}
    >
      {codes && (
        <Codes
          codes={codes}
          close={() => {
            setCodes(undefined);
            heading.current?.focus();
          }}
        />
      )}
      {isLost(list) ? (
        <Trouble error={list.error} retry={() => list.refetch()} />
      ) : !list.data ? (
        <Skeleton className="h-24" />
      ) : (
        <>
          <Stale of={list} />
          {factors.length === 0 ? (
            <p className="flex items-center gap-2 font-semibold text-kesar-ink">
              <Icon name="alert" />
              <Trans>Off: the password alone opens your account.</Trans>
            </p>
          ) : (
            <ul className="divide-y divide-edge rounded-2xl border border-edge px-4">
              {factors.map((one) => (
                <li key={one.id} className="py-4">
                  <Factor factor={one} last={factors.length === 1} again={again} />
                </li>
              ))}
            </ul>
          )}
          {adding ? (
            <Totp added={added} close={() => setAdding(false)} />
          ) : (
            <div className="flex flex-wrap items-start gap-3">
              <button type="button" className="btn btn-quiet max-sm:w-full" onClick={() => setAdding(true)}>
                <Icon name="plus" />
                <Trans>Add an authenticator app</Trans>
              </button>
              <AddPasskey added={added} />
            </div>
          )}
          {factors.length > 0 && (
            <div className="space-y-3 border-t border-edge pt-4">
              <p>
                <Plural
                  value={list.data.recovery_codes_left}
                  _0="No recovery codes are left."
                  one="# recovery code is left, for the day your device is lost."
                  other="# recovery codes are left, for the day your device is lost."
                />
              </p>
              {proof}
              {renew.error && !proof && <Trouble error={renew.error} />}
              <Confirm
                label={<Trans>Make new recovery codes</Trans>}
                question={<Trans>The ones you have now stop working.</Trans>}
                deed={<Trans>Make new ones</Trans>}
                busy={renew.isPending}
                act={() => renew.mutate(undefined)}
              />
            </div>
          )}
        </>
      )}
    </Part>
  );
}

interface FactorProps {
  factor: Schemas['SecondFactor'];
  last: boolean;
  again: () => void;
}

function Factor({ factor, last, again }: FactorProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const { mutation: remove, proof } = useProven({
    act: () => ask(api.DELETE('/api/v1/me/second-factors/{id}', { params: { path: { id: factor.id } } })),
    done: again,
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="me-auto min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-semibold">
          {factor.name}
          <Tag>{factor.kind === 'passkey' ? <Trans>Passkey</Trans> : <Trans>Authenticator app</Trans>}</Tag>
        </p>
        <p className="text-sm text-soft">
          {factor.used_at ? (
            <Trans>
              Added {formatMoment(factor.added_at, locale)}, last used {formatMoment(factor.used_at, locale)}
            </Trans>
          ) : (
            <Trans>Added {formatMoment(factor.added_at, locale)}</Trans>
          )}
        </p>
      </div>
      <Confirm
        label={<Trans>Remove</Trans>}
        name={t`Remove ${factor.name}`}
        question={
          last ? (
            <Trans>Then the password alone opens your account, and everywhere else you are signed out.</Trans>
          ) : (
            <Trans>It opens nothing any more, and everywhere else you are signed out.</Trans>
          )
        }
        deed={<Trans>Remove it</Trans>}
        busy={remove.isPending}
        act={() => remove.mutate(undefined)}
      />
      {proof}
      {remove.error && !proof && (
        <div className="w-full">
          <Trouble error={remove.error} />
        </div>
      )}
    </div>
  );
}

function AddPasskey({ added }: { added: (made: Schemas['SecondFactorAdded']) => void }) {
  const { t } = useLingui();
  // On another device it must not be called this one.
  const here = () => {
    const { browser, system } = deviceOf(navigator.userAgent);
    return [browser, system].filter(Boolean).join(', ') || t`A device`;
  };
  const { mutation: add, proof } = useProven({
    act: async () => {
      const { options } = await ask(api.POST('/api/v1/me/second-factors/passkeys/options'));
      const credential = await makePasskey(options);
      return ask(api.POST('/api/v1/me/second-factors/passkeys', { body: { credential, name: here() } }));
    },
    done: added,
  });
  if (!hasPasskeys())
    return (
      <p className="text-sm text-soft">
        <Trans>This browser makes no passkeys.</Trans>
      </p>
    );
  const told = add.error && !proof && !isDismissed(add.error);
  return (
    <>
      <button
        type="button"
        className="btn btn-quiet max-sm:w-full"
        disabled={add.isPending}
        onClick={() => add.mutate(undefined)}
      >
        <Icon name="key" />
        <Trans>Add a passkey</Trans>
      </button>
      {proof}
      {told && (
        <div className="w-full">
          {isKnownAlready(add.error) ? (
            <Notice tone="note">
              <Trans>This device has a passkey of your account already.</Trans>
            </Notice>
          ) : (
            <Trouble error={add.error} />
          )}
        </div>
      )}
    </>
  );
}
