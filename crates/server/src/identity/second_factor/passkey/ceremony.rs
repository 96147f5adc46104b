//! The two ceremonies of `WebAuthn` (level 2, sections 7.1 and 7.2), on `webauthn_rp`: values in, values out.
//!
//! Every passkey is discoverable and verifies its user (a finger, a face, a PIN), at registration and at each use, so it is two factors
//! by itself. Answers count only from our own origin, for the domain in it, and a counter that goes back is a copied passkey's.

use anyhow::Context;
use kernel::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{AuthenticationVerificationOptions, SignatureCounterEnforcement};
use webauthn_rp::request::register::{
    CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, UserHandle16,
    Username,
};
use webauthn_rp::request::{AsciiDomain, DomainOrigin, ExtensionInfo, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::auth::DiscoverableAuthentication;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, Registration, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, RegistrationServerState,
};

type StoredKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Our own place on the web, as passkeys know it.
pub(super) struct Site {
    domain: RpId,
    origin: String,
}

/// A challenge that was just made.
pub(super) struct Challenge {
    /// Its bytes, which the answer brings along.
    pub(super) id: Vec<u8>,
    /// What the answer is checked against.
    pub(super) state: Vec<u8>,
    /// What a browser is told.
    pub(super) options: Value,
}

/// What is kept of a passkey.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) id: Vec<u8>,
    key: Vec<u8>,
    state: [u8; 7],
}

impl Site {
    /// The site of an address, `https://udaan.example`; nothing where its host is no domain: passkeys have none for numbers.
    pub(super) fn of(public_url: &str) -> Option<Self> {
        let url = Url::parse(public_url).ok()?;
        let domain = url.domain()?.to_owned();
        let domain = RpId::Domain(AsciiDomain::try_from(domain).ok()?);
        Some(Self { domain, origin: url.origin().ascii_serialization() })
    }

    fn origins(&self) -> anyhow::Result<[DomainOrigin<'_, '_>; 1]> {
        let origin =
            DomainOrigin::try_from(self.origin.as_str()).map_err(|_| anyhow::anyhow!("{}", self.origin))?;
        Ok([origin])
    }

    /// A challenge for a new passkey of the account, other than those it has.
    pub(super) fn begin_registration(
        &self,
        user: UserId,
        name: &str,
        others: Vec<Kept>,
    ) -> anyhow::Result<Challenge> {
        let handle = handle_of(user)?;
        let described = |kept: Kept| -> anyhow::Result<_> {
            let id =
                CredentialId::decode(kept.id).map_err(|_| anyhow::anyhow!("a kept passkey has no id"))?;
            let transports = AuthTransports::decode(0).map_err(|error| anyhow::anyhow!("{error}"))?;
            Ok(PublicKeyCredentialDescriptor { id, transports })
        };
        let others = others.into_iter().map(described).collect::<anyhow::Result<Vec<_>>>()?;
        let entity = PublicKeyCredentialUserEntity {
            name: Username::try_from(name).map_err(|error| anyhow::anyhow!("{error}"))?,
            id: &handle,
            display_name: None,
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.domain, entity, others);
        // Wanted, and not insisted on: a device without CTAP 2.1 could make no passkey otherwise, and each use is verified in any case.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (state, options) = options.start_ceremony().map_err(|error| anyhow::anyhow!("{error}"))?;
        challenge(
            state.encode().map_err(|error| anyhow::anyhow!("{error}"))?,
            serde_json::to_value(&options)?,
        )
    }

    /// A challenge for whoever has a passkey here.
    pub(super) fn begin_assertion(&self) -> anyhow::Result<Challenge> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.domain);
        let (state, options) = options.start_ceremony().map_err(|error| anyhow::anyhow!("{error}"))?;
        challenge(
            state.encode().map_err(|error| anyhow::anyhow!("{error}"))?,
            serde_json::to_value(&options)?,
        )
    }

    /// The passkey that the answer registers for the account, if it answers the challenge of this state.
    pub(super) fn registered(
        &self,
        user: UserId,
        state: &[u8],
        answer: &RegistrationAnswer,
    ) -> anyhow::Result<Option<Kept>> {
        let state =
            RegistrationServerState::<16>::decode(state).map_err(|error| anyhow::anyhow!("{error}"))?;
        let origins = self.origins()?;
        let options = RegistrationVerificationOptions::<'_, '_, DomainOrigin<'_, '_>, DomainOrigin<'_, '_>> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..Default::default()
        };
        let Ok(credential) = state.verify(&self.domain, &answer.0, &options) else { return Ok(None) };
        if credential.user_id() != &handle_of(user)? {
            return Ok(None);
        }
        let kept = Kept {
            id: credential.id().as_ref().to_vec(),
            key: credential.static_state().encode().context("the key of a passkey")?,
            state: credential.dynamic_state().encode().context("the state of a passkey")?,
        };
        Ok(Some(kept))
    }

    /// The passkey as its use leaves it, if the answer is its answer to the challenge of this state, for this account.
    pub(super) fn asserted(
        &self,
        user: UserId,
        state: &[u8],
        answer: &AssertionAnswer,
        kept: &Kept,
    ) -> anyhow::Result<Option<Kept>> {
        let state = DiscoverableAuthenticationServerState::decode(state)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let handle = handle_of(user)?;
        let id = CredentialId::decode(kept.id.as_slice())
            .map_err(|_| anyhow::anyhow!("a kept passkey has no id"))?;
        let key = StaticState::<StoredKey>::decode(&kept.key).map_err(|error| anyhow::anyhow!("{error}"))?;
        let before = DynamicState::decode(kept.state).map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut credential = AuthenticatedCredential::new(id, &handle, key, before)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let origins = self.origins()?;
        let options = AuthenticationVerificationOptions::<'_, '_, DomainOrigin<'_, '_>, DomainOrigin<'_, '_>> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            sig_counter_enforcement: SignatureCounterEnforcement::Fail,
            ..Default::default()
        };
        if state.verify(&self.domain, &answer.0, &mut credential, &options).is_err() {
            return Ok(None);
        }
        let state = credential.dynamic_state().encode().context("the state of a passkey")?;
        Ok(Some(Kept { id: kept.id.clone(), key: kept.key.clone(), state }))
    }
}

/// A browser's answer when it made a passkey.
pub(super) struct RegistrationAnswer(Registration);

impl RegistrationAnswer {
    /// Reads `PublicKeyCredential.toJSON()`.
    pub(super) fn read(json: &Value) -> Option<Self> {
        Registration::from_json_relaxed(json.to_string().as_bytes()).ok().map(Self)
    }

    /// The challenge it says it answers, in the order of bytes it is written in.
    pub(super) fn challenge(&self) -> Option<Vec<u8>> {
        Some(self.0.challenge_relaxed().ok()?.encode().ok()?.to_le_bytes().to_vec())
    }
}

/// A browser's answer when a passkey was used.
pub(super) struct AssertionAnswer(DiscoverableAuthentication<16>);

impl AssertionAnswer {
    /// Reads `PublicKeyCredential.toJSON()`.
    pub(super) fn read(json: &Value) -> Option<Self> {
        DiscoverableAuthentication::from_json_relaxed(json.to_string().as_bytes()).ok().map(Self)
    }

    /// The challenge it says it answers, in the order of bytes it is written in.
    pub(super) fn challenge(&self) -> Option<Vec<u8>> {
        Some(self.0.challenge_relaxed().ok()?.encode().ok()?.to_le_bytes().to_vec())
    }

    /// The passkey it says it is of.
    pub(super) fn credential(&self) -> Vec<u8> {
        self.0.raw_id().as_ref().to_vec()
    }
}

fn handle_of(user: UserId) -> anyhow::Result<UserHandle16> {
    UserHandle::<16>::decode(*user.uuid().as_bytes())
        .map_err(|_| anyhow::anyhow!("an account is no user handle"))
}

fn challenge(state: Vec<u8>, options: Value) -> anyhow::Result<Challenge> {
    use base64::Engine;
    let id = options["challenge"].as_str().context("options without a challenge")?;
    let id = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id)?;
    Ok(Challenge { id, state, options })
}
