import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { dayOf, formatDay } from '../../lib/time';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { More } from '../../ui/more';
import { OwnScreen } from '../../ui/own-screen';
import { Notice, Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { myReviews } from './mine';
import { Stars } from './stars';

/** Flights that one can say something of, and what one has said. */
export default function Reviews() {
  const { t } = useLingui();
  return <OwnScreen title={t`Your reviews`}>{() => <Lists />}</OwnScreen>;
}

function Lists() {
  const list = useInfiniteQuery(myReviews);
  const { said } = useSearch({ strict: false });
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-64" />;
  const open = list.data.pages[0]?.to_review ?? [];
  const written = list.data.pages.flatMap((page) => page.reviews);
  return (
    <>
      <Stale of={list} />
      {said && (
        <Notice tone="good" icon="check">
          {said === 'pending' ? (
            <Trans>Thank you. We look at it before others see it.</Trans>
          ) : (
            <Trans>Thank you. Others see it with the flight from now on.</Trans>
          )}
        </Notice>
      )}
      {open.length > 0 && (
        <section className="space-y-3">
          <h2 className="text-xl">
            <Trans>How was it?</Trans>
          </h2>
          <ul className="space-y-3">
            {open.map((one) => (
              <li key={one.flight_id}>
                <Flown flight={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {written.length > 0 && (
        <section className="space-y-3">
          <h2 className="text-xl">
            <Trans>What you said</Trans>
          </h2>
          <ul className="space-y-3">
            {written.map((one) => (
              <li key={one.id}>
                <Written review={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {open.length + written.length === 0 && (
        <div className="panel p-8 text-center text-soft">
          <Icon name="star" className="mx-auto mb-3 size-10 text-kesar" />
          <Trans>After a flight of yours you can say here how it was.</Trans>
        </div>
      )}
      <More list={list}>
        <Trans>Show older ones</Trans>
      </More>
    </>
  );
}

function Flown({ flight }: { flight: Schemas['ToReview'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  return (
    <div className="panel flex flex-wrap items-center gap-x-5 gap-y-3 p-5">
      <p className="me-auto">
        <span className="block text-lg font-semibold">
          <City code={flight.origin} /> → <City code={flight.destination} />
        </span>
        <span className="block text-sm text-soft">
          {flight.flight_number} · {formatDay(dayOf(flight.departs_at), locale)}
        </span>
      </p>
      <Link
        to="/reviews/$id"
        params={{ id: flight.flight_id }}
        className="btn btn-main max-sm:w-full"
        aria-label={t`Say how it was: ${flight.flight_number}`}
      >
        <Icon name="star" />
        <Trans>Say how it was</Trans>
      </Link>
    </div>
  );
}

function Written({ review }: { review: Schemas['MyReview'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  const client = useQueryClient();
  const number = review.flight_number;
  const reasons: Record<string, string> = {
    offensive: t`it insults somebody`,
    personal_data: t`it tells who somebody is`,
    spam: t`it advertises`,
    off_topic: t`it is not about the flight`,
  };
  const isOpen = Date.parse(review.editable_until) > Date.now();
  const back = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/flights/{id}/review', { params: { path: { id: review.flight_id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: myReviews.queryKey }),
  });
  return (
    <article className="panel space-y-3 p-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-lg">{number}</h3>
        <Stars value={review.opinion.stars} />
        {review.status === 'pending' && (
          <Tag tone="note">
            <Trans>We look at it first</Trans>
          </Tag>
        )}
        {review.status === 'hidden' && (
          <Tag tone="bad">
            <Trans>Not shown</Trans>
          </Tag>
        )}
      </div>
      {review.status === 'hidden' && (
        <p className="font-semibold text-bad">
          {isOpen ? (
            <Trans>
              We took it off: {reasons[review.hidden_because ?? ''] ?? ''}. Say it otherwise, and we look again.
            </Trans>
          ) : (
            <Trans>We took it off: {reasons[review.hidden_because ?? ''] ?? ''}.</Trans>
          )}
        </p>
      )}
      {review.opinion.comment && (
        <p className="whitespace-pre-line" lang={review.opinion.language}>
          {review.opinion.comment}
        </p>
      )}
      <p className="text-sm text-soft">{formatDay(dayOf(review.created_at), locale, 'date')}</p>
      {back.error && <Trouble error={back.error} />}
      <div className="flex flex-wrap gap-3">
        {isOpen && (
          <Link
            to="/reviews/$id"
            params={{ id: review.flight_id }}
            className="btn btn-quiet"
            aria-label={t`Say it otherwise: ${number}`}
          >
            <Trans>Say it otherwise</Trans>
          </Link>
        )}
        <Confirm
          label={<Trans>Take back</Trans>}
          name={t`Take back what you said of ${number}`}
          question={<Trans>Nobody sees it any more, and its stars do not count.</Trans>}
          deed={<Trans>Take it back</Trans>}
          busy={back.isPending}
          act={() => back.mutate()}
        />
      </div>
    </article>
  );
}
