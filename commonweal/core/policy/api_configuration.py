"""The Consent API's configuration: policies, data agreements and webhooks can be read; they are declared elsewhere."""
# ruff: noqa: N803 - the names are the standard's

from __future__ import annotations

from typing import NoReturn
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from commonweal.core.exchange import outbox
from commonweal.core.policy import agreements
from commonweal.core.policy import api_schemas as shapes
from commonweal.core.policy.api_objects import (
    AgreementId,
    Hash,
    Limit,
    Offset,
    PolicyId,
    agreement_called,
    agreement_out,
    policy_called,
    policy_out,
    revision_out,
    some_agreements,
    wording,
)
from commonweal.core.portal.api import BadField, NotHere, actor

router = Router(tags=["config"], exclude_none=True)


@router.get("policy/{policyId}/", response=shapes.PolicyAnswer, operation_id="configPolicyRead")
def read_policy(request: HttpRequest, policyId: PolicyId, revisionId: Hash = "") -> shapes.PolicyAnswer:
    found = policy_called(policyId)
    text = wording(revisionId, "Policy", found.id) if revisionId else agreements.policy_revision(found)
    return shapes.PolicyAnswer(policy=policy_out(found), revision=revision_out(text))


@router.get(
    "policy/{policyId}/revisions/",
    response=shapes.PolicyRevisionsAnswer,
    operation_id="configPolicyRevisionsList",
)
def list_policy_revisions(
    request: HttpRequest, policyId: PolicyId, offset: Offset = 0, limit: Limit = 100
) -> shapes.PolicyRevisionsAnswer:
    found = policy_called(policyId)
    agreements.policy_revision(found)
    kept = agreements.revisions("Policy", found.id)[offset : offset + limit]
    return shapes.PolicyRevisionsAnswer(policy=policy_out(found), revisions=[revision_out(one) for one in kept])


@router.get("policies/", response=shapes.PoliciesAnswer, operation_id="configPolicyList")
def list_policies(
    request: HttpRequest, revisionId: Hash = "", offset: Offset = 0, limit: Limit = 100
) -> shapes.PoliciesAnswer:
    return shapes.PoliciesAnswer(policies=[policy_out(agreements.policy())][offset : offset + limit])


@router.get(
    "data-agreement/{dataAgreementId}/",
    response=shapes.AgreementAnswer,
    operation_id="configDataAgreementRead",
)
def read_agreement(request: HttpRequest, dataAgreementId: AgreementId) -> shapes.AgreementAnswer:
    found = agreement_called(dataAgreementId)
    text = revision_out(agreements.revision_of(found))
    return shapes.AgreementAnswer(dataAgreement=agreement_out(found), revision=text)


@router.get("data-agreements/", response=shapes.AgreementListAnswer, operation_id="configDataAgreementList")
def list_agreements(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.AgreementListAnswer:
    return shapes.AgreementListAnswer(dataAgreement=some_agreements(offset, limit))


@router.get("webhook/{webhookId}/", response=shapes.WebhookAnswer, operation_id="configWebhookRead")
def read_webhook(request: HttpRequest, webhookId: UUID, revisionId: Hash = "") -> shapes.WebhookAnswer:
    found = next((one for one in _webhooks(request) if one.id == str(webhookId)), None)
    if found is None:
        raise BadField("webhookId", "Your agency has no such subscription.", "See config/webhooks/", 404)
    return shapes.WebhookAnswer(webhook=found)


@router.get("webhooks/", response=shapes.WebhooksAnswer, operation_id="configWebhookList")
def list_webhooks(
    request: HttpRequest, revisionId: Hash = "", offset: Offset = 0, limit: Limit = 100
) -> shapes.WebhooksAnswer:
    return shapes.WebhooksAnswer(webhooks=_webhooks(request)[offset : offset + limit])


@router.post("policy/", response=shapes.PolicyAnswer, operation_id="configPolicyCreate")
def create_policy(request: HttpRequest, body: shapes.PolicyBody) -> NoReturn:
    raise _declared_rules()


@router.put("policy/{policyId}/", response=shapes.PolicyAnswer, operation_id="configPolicyUpdate")
def update_policy(request: HttpRequest, policyId: PolicyId, body: shapes.PolicyBody) -> NoReturn:
    raise _declared_rules()


@router.delete("policy/{policyId}/", response=shapes.RevisionAnswer, operation_id="configPolicyDelete")
def delete_policy(request: HttpRequest, policyId: PolicyId) -> NoReturn:
    raise _declared_rules()


@router.post("data-agreement/", response=shapes.AgreementAnswer, operation_id="configDataAgreementCreate")
def create_agreement(request: HttpRequest, body: shapes.AgreementBody) -> NoReturn:
    raise _declared_purposes()


@router.put(
    "data-agreement/{dataAgreementId}/",
    response=shapes.AgreementAnswer,
    operation_id="configDataAgreementUpdate",
)
def update_agreement(request: HttpRequest, dataAgreementId: AgreementId, body: shapes.AgreementBody) -> NoReturn:
    raise _declared_purposes()


@router.delete(
    "data-agreement/{dataAgreementId}/",
    response=shapes.RevisionAnswer,
    operation_id="configDataAgreementDelete",
)
def delete_agreement(request: HttpRequest, dataAgreementId: AgreementId) -> NoReturn:
    raise _declared_purposes()


@router.post("webhook/", response=shapes.WebhookAnswer, operation_id="configWebhookCreate")
def create_webhook(request: HttpRequest, body: shapes.WebhookBody) -> NoReturn:
    raise _subscribed_by_operator()


@router.put("webhook/{webhookId}/", response=shapes.WebhookAnswer, operation_id="configWebhookUpdate")
def update_webhook(request: HttpRequest, webhookId: UUID, body: shapes.WebhookBody) -> NoReturn:
    raise _subscribed_by_operator()


@router.delete("webhook/{webhookId}/", operation_id="configWebhookDelete")
def delete_webhook(request: HttpRequest, webhookId: UUID) -> NoReturn:
    raise _subscribed_by_operator()


def _webhooks(request: HttpRequest) -> list[shapes.Webhook]:
    """Who of the caller's agency is told of consents."""
    return [
        shapes.Webhook(
            id=str(one.id), payloadUrl=one.address, contentType="application/cloudevents+json", disabled=one.ended,
            secretKey="",
        )
        for one in outbox.subscriptions(actor(request).agency)
        if any(type_.startswith("policy.consent.") for type_ in one.types)
    ]  # fmt: skip


def _declared_rules() -> NotHere:
    return NotHere("A node's policy is the rules that it publishes.", "Change a room's policy.cedar; docs/services.md")


def _declared_purposes() -> NotHere:
    return NotHere("Data agreements follow from declared purposes.", "Declare a purpose; docs/services.md")


def _subscribed_by_operator() -> NotHere:
    return NotHere("The operator says who is told of events.", "Ask for `commonweal federation subscribe`")
