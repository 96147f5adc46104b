import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, ask } from '../api/client';
import { askPasskey, hasPasskeys, isDismissed } from '../lib/webauthn';
import { Icon } from './icons';
import { Trouble } from './parts';
import Providers, { providers } from './providers';

interface OtherWaysProps {
  enter: () => Promise<void>;
  /** Where whoever signs in with a provider comes back to. */
  after: string;
}

/** Signing in without typing a password: with a passkey, or with somebody who knows you. */
export default function OtherWays({ enter, after }: OtherWaysProps) {
  const some = (useQuery(providers).data?.providers.length ?? 0) > 0;
  const sign = useMutation({
    mutationFn: async () => {
      const { options } = await ask(api.POST('/api/v1/login/passkey/options'));
      await ask(api.POST('/api/v1/session/passkey', { body: { credential: await askPasskey(options) } }));
      await enter();
    },
  });
  if (!hasPasskeys() && !some) return null;
  return (
    <div className="mt-5 space-y-3 border-t border-edge pt-5">
      {sign.error && !isDismissed(sign.error) && <Trouble error={sign.error} />}
      {hasPasskeys() && (
        <button type="button" className="btn btn-quiet w-full" disabled={sign.isPending} onClick={() => sign.mutate()}>
          <Icon name="key" />
          <Trans>Sign in with a passkey</Trans>
        </button>
      )}
      <Providers after={after} />
    </div>
  );
}
