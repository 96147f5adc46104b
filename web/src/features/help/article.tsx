import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, ask, isRefusal } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { Trouble, Waiting } from '../../ui/parts';

/** One answer. */
export default function Article() {
  const { t } = useLingui();
  const locale = useLocale();
  const { id = '' } = useParams({ strict: false });
  const query = useQuery({
    queryKey: ['faq', locale, 'article', id],
    queryFn: () => ask(api.GET('/api/v1/faq/{id}', { params: { path: { id } } })),
    staleTime: 300_000,
  });
  const article = query.data;
  useTitle(article?.title ?? t`Help`);
  const failed = query.error || (query.isPaused && !article);
  if (!article && !failed) return <Waiting />;
  return (
    <div className="page max-w-2xl pt-6">
      <Link to="/help" className="mb-3 inline-flex min-h-11 items-center gap-1 font-semibold text-brand">
        <Icon name="back" className="size-5 rtl:-scale-x-100" />
        <Trans>Help</Trans>
      </Link>
      {article ? (
        <div lang={article.language === locale ? undefined : article.language}>
          <h1 className="display mb-5 text-3xl sm:text-4xl">{article.title}</h1>
          {/* Made by our own server out of Markdown of ours, with every tag in it shown as text (docs/support.md). */}
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: see above */}
          <div className="prose panel p-5 sm:p-7" dangerouslySetInnerHTML={{ __html: article.html }} />
        </div>
      ) : (
        <>
          <h1 className="display mb-5 text-3xl">
            <Trans>We cannot show this answer</Trans>
          </h1>
          <Trouble error={query.error} retry={isRefusal(query.error) ? undefined : () => query.refetch()} />
        </>
      )}
    </div>
  );
}
