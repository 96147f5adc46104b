/** Passkeys, as browsers make and use them. What is asked of them, and what they answer, is the API's (docs/second-factor.md). */

/** Whether this browser can read the API's question. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

const failedAs = (error: unknown, ...names: string[]): boolean =>
  error instanceof DOMException && names.includes(error.name);

/** The person closed the browser's window, or has no passkey here. */
export const isDismissed = (error: unknown): boolean => failedAs(error, 'NotAllowedError', 'AbortError');

/** The device has a passkey of this account already. */
export const isKnownAlready = (error: unknown): boolean => failedAs(error, 'InvalidStateError');

function answerOf(credential: Credential | null) {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no passkey', 'NotAllowedError');
  return credential.toJSON() as unknown as Record<string, never>;
}

interface CreationOptions extends PublicKeyCredentialCreationOptionsJSON {
  extensions?: AuthenticationExtensionsClientInputsJSON & { enforceCredentialProtectionPolicy?: boolean };
}

/** Has the device make a passkey. */
export async function makePasskey(options: object) {
  const asked = options as CreationOptions;
  // Chromium refuses devices that cannot promise by themselves what the server makes sure of at every use: that their user was asked for.
  const wanted = { ...asked, extensions: { ...asked.extensions, enforceCredentialProtectionPolicy: false } };
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(wanted);
  return answerOf(await navigator.credentials.create({ publicKey }));
}

/** Has the device answer with a passkey that it has. */
export async function askPasskey(options: object) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return answerOf(await navigator.credentials.get({ publicKey }));
}
