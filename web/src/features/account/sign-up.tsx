import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTitle } from '../../lib/title';
import { SignUpForm } from '../../ui/sign-in-form';

export default function SignUp() {
  const { t } = useLingui();
  const navigate = useNavigate();
  useTitle(t`Make an account`);
  return (
    <div className="page max-w-md py-10">
      <h1 className="display mb-6 text-4xl">
        <Trans>Make an account</Trans>
      </h1>
      <div className="panel p-5 shadow-card sm:p-7">
        <SignUpForm then={() => void navigate({ to: '/' })} />
      </div>
      <p className="mt-5">
        <Trans>You have one?</Trans>{' '}
        <Link to="/sign-in" className="link">
          <Trans>Sign in</Trans>
        </Link>
      </p>
    </div>
  );
}
