import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { Skeleton, Trouble } from '../../ui/parts';

const PAUSE_MS = 250;

const answers = (text: string, locale: string) =>
  queryOptions({
    queryKey: ['faq', locale, text],
    queryFn: () => ask(api.GET('/api/v1/faq', { params: { query: text ? { q: text } : {} } })),
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });

/** What is asked often, by section, or what answers the question somebody types. */
export default function Faq() {
  const { t } = useLingui();
  const locale = useLocale();
  const asked = useSearch({ strict: false }).q ?? '';
  const navigate = useNavigate();
  const [text, setText] = useState(asked);
  useTitle(t`Help`);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** What this screen put into the address. */
  const own = useRef(asked);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      own.current = next;
      void navigate({ to: '/help', search: next ? { q: next } : {}, replace: true, resetScroll: false });
    }, PAUSE_MS);
  };
  useEffect(() => {
    if (asked === own.current) return;
    // A link or Back has changed the address: that counts, and not what was typed before.
    own.current = asked;
    clearTimeout(timer.current);
    setText(asked);
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const query = useQuery(answers(asked.trim(), locale));
  const found = query.data;
  return (
    <div className="page max-w-3xl pt-8">
      <h1 className="display mb-5 text-4xl">
        <Trans>How can we help?</Trans>
      </h1>
      <search>
        <label className="block">
          <span className="mb-1 block font-semibold">
            <Trans>Your question</Trans>
          </span>
          <span className="relative block">
            <Icon name="search" className="absolute start-4 top-3.5 size-5 text-soft" />
            <input
              type="search"
              className="input min-h-12! ps-12!"
              value={text}
              maxLength={100}
              onChange={(event) => type(event.target.value)}
            />
          </span>
        </label>
      </search>
      <p role="status" className="mt-2 min-h-6 text-sm text-soft">
        {found && asked.trim() && !query.isPlaceholderData && (
          <Plural value={found.articles.length} _0="Nothing answers that." one="# answer" other="# answers" />
        )}
      </p>
      {/* Whoever opens an answer is not called back by what they typed just before. */}
      <div
        className="mt-4"
        onClickCapture={({ target }) => (target as Element).closest('a') && clearTimeout(timer.current)}
      >
        {query.error || query.isPaused ? (
          <Trouble error={query.error} retry={() => query.refetch()} />
        ) : !found ? (
          <Skeleton className="h-96" />
        ) : asked.trim() ? (
          <Answers articles={found.articles} clear={() => type('')} />
        ) : (
          <Sections found={found} />
        )}
      </div>
      <p className="panel mt-8 flex flex-wrap items-center gap-3 p-5">
        <span className="me-auto font-semibold">
          <Trans>Nothing here that helps?</Trans>
        </span>
        <Link to="/support" className="btn btn-quiet">
          <Trans>Your questions</Trans>
        </Link>
        <Link to="/support/new" className="btn btn-main">
          <Trans>Ask us</Trans>
        </Link>
      </p>
    </div>
  );
}

function Sections({ found }: { found: Schemas['FaqList'] }) {
  return (
    <div className="space-y-8">
      {found.sections.map((section) => (
        <section key={section.id}>
          <h2 className="mb-3 text-xl">{section.title}</h2>
          <List articles={found.articles.filter((one) => one.section === section.id)} />
        </section>
      ))}
    </div>
  );
}

function Answers({ articles, clear }: { articles: Schemas['FaqEntry'][]; clear: () => void }) {
  if (articles.length > 0) return <List articles={articles} />;
  return (
    <div className="panel p-6">
      <p className="text-soft">
        <Trans>Try fewer or other words, or look through everything.</Trans>
      </p>
      <button type="button" className="btn btn-quiet mt-4" onClick={clear}>
        <Trans>Show everything</Trans>
      </button>
    </div>
  );
}

function List({ articles }: { articles: Schemas['FaqEntry'][] }) {
  const locale = useLocale();
  return (
    <ul className="panel divide-y divide-edge px-5">
      {articles.map((one) => (
        <li key={one.id} lang={one.language === locale ? undefined : one.language}>
          <Link to="/help/$id" params={{ id: one.id }} className="group flex min-h-14 items-center gap-3 py-3">
            <span className="me-auto">
              <span className="block font-semibold group-hover:underline">{one.title}</span>
              <span className="block text-sm text-soft">{one.summary}</span>
            </span>
            <Icon name="next" className="size-5 text-brand rtl:-scale-x-100" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
