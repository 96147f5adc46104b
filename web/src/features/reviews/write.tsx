import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, isLost, isRefusal, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { dayOf, formatDay } from '../../lib/time';
import { City } from '../../ui/journey';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Trouble } from '../../ui/parts';
import { TextArea } from '../../ui/text-area';
import { myReviews } from './mine';
import { StarsInput } from './stars';

type Review = Schemas['MyReview'];

/** What was said of a flight; null where nothing was. */
const said = (flight: string) =>
  queryOptions({
    queryKey: ['my-review', flight],
    queryFn: async (): Promise<Review | null> => {
      try {
        return await ask(api.GET('/api/v1/flights/{id}/review', { params: { path: { id: flight } } }));
      } catch (error) {
        if (isRefusal(error, 'not_found')) return null;
        throw error;
      }
    },
    gcTime: 0,
  });

/** Stars and words for a flight that one was on. */
export default function Write() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  return (
    <OwnScreen title={t`How was your flight?`} back={{ to: '/reviews', text: t`Your reviews` }}>
      {() => <Load flight={id} />}
    </OwnScreen>
  );
}

function Load({ flight }: { flight: string }) {
  const locale = useLocale();
  const before = useQuery(said(flight));
  const open = useInfiniteQuery(myReviews).data?.pages[0]?.to_review.find((one) => one.flight_id === flight);
  if (isLost(before)) return <Trouble error={before.error} retry={() => before.refetch()} />;
  if (before.data === undefined) return <Skeleton className="h-96" />;
  return (
    <>
      <Stale of={before} />
      {/* As tall before it is known. */}
      <p className="min-h-6 text-lg">
        {open ? (
          <>
            <City code={open.origin} /> → <City code={open.destination} /> ·{' '}
            {formatDay(dayOf(open.departs_at), locale, 'date')} · {open.flight_number}
          </>
        ) : (
          before.data?.flight_number
        )}
      </p>
      <Form flight={flight} before={before.data} />
    </>
  );
}

type Part = 'crew' | 'comfort' | 'punctuality';
const PARTS: Part[] = ['crew', 'comfort', 'punctuality'];

function Form({ flight, before }: { flight: string; before: Review | null }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const client = useQueryClient();
  const opinion = before?.opinion;
  const [stars, setStars] = useState<number | undefined>(opinion?.stars);
  const [parts, setParts] = useState<Partial<Record<Part, number>>>({
    crew: opinion?.crew ?? undefined,
    comfort: opinion?.comfort ?? undefined,
    punctuality: opinion?.punctuality ?? undefined,
  });
  const [comment, setComment] = useState(opinion?.comment ?? '');
  const [asked, setAsked] = useState(false);
  const names: Record<Part, [string, string]> = {
    crew: [t`Crew`, t`Those on board who looked after you`],
    comfort: [t`Comfort`, t`Seat, cabin, and what was served`],
    punctuality: [t`Punctuality`, t`Whether it was on time`],
  };
  const send = useMutation({
    mutationFn: (body: Schemas['ReviewBody']) =>
      ask(api.PUT('/api/v1/flights/{id}/review', { params: { path: { id: flight } }, body })),
    onSuccess: async (review) => {
      await client.invalidateQueries({ queryKey: myReviews.queryKey });
      void navigate({ to: '/reviews', search: { said: review.status } });
    },
  });
  return (
    <form
      className="panel space-y-6 p-5 sm:p-6"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (stars) send.mutate({ stars, ...parts, comment: comment.trim() || undefined });
        else event.currentTarget.querySelector<HTMLInputElement>('input')?.focus();
      }}
    >
      <StarsInput
        label={t`All in all`}
        name="stars"
        value={stars}
        error={asked && !stars ? t`Choose one to five stars` : undefined}
        set={setStars}
      />
      <details open={Object.values(parts).some(Boolean)} className="border-y border-edge">
        <summary className="flex min-h-12 items-center font-semibold text-brand">
          <Trans>Crew, comfort and punctuality apart, if you like</Trans>
        </summary>
        <div className="space-y-5 pt-2 pb-5">
          {PARTS.map((part) => (
            <StarsInput
              key={part}
              label={names[part][0]}
              help={names[part][1]}
              name={part}
              value={parts[part]}
              none={t`Not rated`}
              set={(value) => setParts({ ...parts, [part]: value })}
            />
          ))}
        </div>
      </details>
      <TextArea
        label={t`In your words, if you like`}
        help={t`For everybody to read: no names, please. Yours is not shown.`}
        maxLength={2000}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {send.error && <Trouble error={send.error} />}
      <div className="flex flex-wrap gap-3">
        <button type="submit" className="btn btn-main" disabled={send.isPending}>
          <Trans>Send the review</Trans>
        </button>
        <Link to="/reviews" className="btn btn-quiet">
          <Trans>Leave it</Trans>
        </Link>
      </div>
    </form>
  );
}
