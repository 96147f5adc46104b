import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { pathHere } from '../../lib/path';
import { useTitle } from '../../lib/title';
import { SignInForm } from '../../ui/sign-in-form';

export default function SignIn() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const next = pathHere(useSearch({ strict: false }).next) ?? '/trips';
  useTitle(t`Sign in`);
  return (
    <div className="page max-w-md py-10">
      <h1 className="display mb-6 text-4xl">
        <Trans>Welcome back</Trans>
      </h1>
      <div className="panel p-5 shadow-card sm:p-7">
        <SignInForm then={() => void navigate({ to: next })} after={next} />
      </div>
      <p className="mt-5">
        <Trans>New here?</Trans>{' '}
        <Link to="/sign-up" className="link">
          <Trans>Make an account</Trans>
        </Link>
      </p>
    </div>
  );
}
