"""The objects of the GovStack Consent API 1.1.0, as its OpenAPI names them. What a node does not keep is left out."""
# ruff: noqa: N815 - the names are the standard's

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from commonweal.core.policy.actions import Basis


class Individual(Schema):
    """A person: `id` is what the caller's own agency calls them, and nobody else does."""

    id: str
    externalId: str | None = None
    externalIdType: str | None = None  # the scheme of externalId, such as `national`
    identityProviderId: str | None = None


class IndividualIn(Schema):
    """Whom the caller means."""

    id: str = ""
    externalId: str = Field(min_length=1, max_length=200)
    externalIdType: str = Field(min_length=1, max_length=80, description="The scheme, such as `national`")
    identityProviderId: str | None = None


class Controller(Schema):
    id: str
    name: str
    url: str


class Policy(Schema):
    """The rules that the node decides by; `url` is their document in the public log, and `version` its SHA-256."""

    id: str
    name: str
    version: str
    url: str
    jurisdiction: str | None = None
    industrySector: str | None = None
    dataRetentionPeriodDays: int | None = None
    geographicRestriction: str | None = None
    storageLocation: str | None = None


class Lifecycle(Schema):
    id: str
    name: str


class DataAgreement(Schema):
    """A purpose and the agency that uses data for it, as the public register of processing shows it."""

    id: str
    version: str
    controller: Controller | None = None
    policy: Policy | None = None
    purpose: str
    lawfulBasis: Basis
    dataUse: Literal["data_source", "data_using_service"] | None = None
    dpia: str
    active: bool | None = None
    forgettable: bool | None = None
    lifecycle: Lifecycle | None = None


class Revision(Schema):
    """One wording. `serializedHash` is SHA-256 in hex, not SHA-1, for which a second text can be found."""

    id: str
    schemaName: str
    objectId: str
    signedWithoutObjectId: bool
    serializedSnapshot: str
    serializedHash: str
    timestamp: datetime
    authorizedByOther: str | None = None
    predecessorHash: str | None = None


class Signature(Schema):
    id: str
    payload: str
    signature: str
    verificationMethod: str
    verificationPayload: str
    verificationPayloadHash: str
    verificationArtifact: str | None = None
    verificationSignedBy: str
    verificationSignedAs: str | None = None
    verificationJwsHeader: str | None = None
    timestamp: str
    signedWithoutObjectReference: bool | None = None
    objectType: str | None = None
    objectReference: str | None = None


class ConsentRecord(Schema):
    """`signed`: the person decided, at this node (`optIn` false: withdrew). `unsigned`: they were asked."""

    id: str
    dataAgreement: DataAgreement | None = None
    dataAgreementRevision: Revision | None = None
    dataAgreementRevisionHash: str
    individual: Individual | None = None
    optIn: bool | None = None
    state: Literal["unsigned", "signed"]
    signature: Signature | None = None


class ConsentRecordIn(Schema):
    """What the caller says that a person decided."""

    id: str = ""
    dataAgreement: DataAgreement | None = None
    dataAgreementRevisionHash: str = ""
    individual: Individual | None = None
    optIn: bool
    state: str = ""


class Webhook(Schema):
    """A subscription to consent events; its secret is shown once, to the operator."""

    id: str
    payloadUrl: str
    contentType: str
    disabled: bool
    secretKey: str


class PolicyAnswer(Schema):
    policy: Policy
    revision: Revision


class PolicyRevisionsAnswer(Schema):
    policy: Policy
    revisions: list[Revision]


class PoliciesAnswer(Schema):
    policies: list[Policy]


class RevisionAnswer(Schema):
    revision: Revision


class AgreementAnswer(Schema):
    dataAgreement: DataAgreement
    revision: Revision | None = None


class AgreementListAnswer(Schema):
    """As the standard has it: a list in the singular."""

    dataAgreement: list[DataAgreement]


class AgreementsAnswer(Schema):
    dataAgreements: list[DataAgreement]


class IndividualAnswer(Schema):
    individual: Individual


class IndividualsAnswer(Schema):
    individuals: list[Individual]


class RecordAnswer(Schema):
    consentRecord: ConsentRecord
    revision: Revision | None = None
    signature: Signature | None = None


class RecordsAnswer(Schema):
    consentRecords: list[ConsentRecord]


class WebhookAnswer(Schema):
    webhook: Webhook


class WebhooksAnswer(Schema):
    webhooks: list[Webhook]


class SignatureAnswer(Schema):
    signature: Signature


class PolicyBody(Schema):
    policy: Policy


class AgreementBody(Schema):
    dataAgreement: DataAgreement


class IndividualBody(Schema):
    individual: IndividualIn


class WebhookBody(Schema):
    webhook: Webhook


class RecordBody(Schema):
    consentRecord: ConsentRecordIn


class SignedRecordBody(Schema):
    consentRecord: ConsentRecordIn
    signature: Signature


class SignatureBody(Schema):
    signature: Signature
