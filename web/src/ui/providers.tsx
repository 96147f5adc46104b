import { Trans } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { api, ask } from '../api/client';
import { forgetPasses } from '../lib/pass-store';
import { Trouble } from './parts';

/** Whom one may sign in with besides a password: what the airline has set up. */
export const providers = queryOptions({
  queryKey: ['providers'],
  queryFn: () => ask(api.GET('/api/v1/auth/providers')),
  staleTime: Number.POSITIVE_INFINITY,
});

/** A button for each; the provider sends the browser back to a page of ours that ends the sign-in and goes on at `after`. */
export default function Providers({ after }: { after: string }) {
  const all = useQuery(providers).data?.providers ?? [];
  const begin = useMutation({
    mutationFn: (provider: string) =>
      ask(api.POST('/api/v1/auth/sign-in', { body: { provider, redirect_after: after } })),
    onSuccess: async ({ authorization_url }) => {
      // Whoever comes back may be somebody else than who was here before.
      await forgetPasses();
      location.assign(authorization_url);
    },
  });
  if (all.length === 0) return null;
  return (
    <div className="space-y-3">
      {begin.error && <Trouble error={begin.error} />}
      {all.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          className="btn btn-quiet w-full"
          disabled={begin.isPending}
          onClick={() => begin.mutate(id)}
        >
          <Trans>Go on with {label}</Trans>
        </button>
      ))}
    </div>
  );
}
