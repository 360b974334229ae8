"""The Consent API's individuals, agreements and policies, for the systems that use data."""
# ruff: noqa: N803 - the names are the standard's

from __future__ import annotations

from typing import NoReturn

from django.http import HttpRequest
from ninja import Router

from commonweal.core.identity import people
from commonweal.core.policy import api_schemas as shapes
from commonweal.core.policy import service
from commonweal.core.policy.api_configuration import read_agreement, read_policy
from commonweal.core.policy.api_configuration import router as config
from commonweal.core.policy.api_objects import (
    AgreementId,
    Hash,
    Limit,
    Offset,
    PolicyId,
    WhoInPath,
    person_called,
    some_agreements,
)
from commonweal.core.portal.api import BadField, NotHere, actor

router = Router(tags=["service"], exclude_none=True)


def find_individual(request: HttpRequest, body: shapes.IndividualBody) -> shapes.IndividualAnswer:
    """What the caller's agency calls somebody whom it knows by an identifier. People are entered by their register."""
    asked = body.individual
    person = service.find_individual(actor(request), asked.externalIdType, asked.externalId)
    if person is None:
        raise BadField(
            "externalId", "This node knows nobody by this identifier.", "Ask the register to enter them", 404
        )
    found = shapes.Individual(
        id=people.pairwise(person, actor(request).agency), externalId=asked.externalId,
        externalIdType=asked.externalIdType,
    )  # fmt: skip
    return shapes.IndividualAnswer(individual=found)


def read_individual(request: HttpRequest, individualId: WhoInPath) -> shapes.IndividualAnswer:
    """Whether the caller's agency knows somebody by this id."""
    person_called(request, individualId)
    return shapes.IndividualAnswer(individual=shapes.Individual(id=individualId))


def list_individuals(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.IndividualsAnswer:
    """Who decided on a consent to a use by the caller's agency."""
    found = service.consents_given(actor(request), start=offset, most=limit)
    ids = dict.fromkeys(people.pairwise(one.person, actor(request).agency) for one in found)
    return shapes.IndividualsAnswer(individuals=[shapes.Individual(id=id_) for id_ in ids])


for _one, _prefix in ((config, "config"), (router, "service")):
    _one.post("individual/", response=shapes.IndividualAnswer, operation_id=f"{_prefix}IndividualCreate")(
        find_individual
    )
    _one.get("individual/{individualId}/", response=shapes.IndividualAnswer, operation_id=f"{_prefix}IndividualRead")(
        read_individual
    )
    _one.get("individuals/", response=shapes.IndividualsAnswer, operation_id=f"{_prefix}IndividualList")(
        list_individuals
    )


@router.put("individual/{individualId}/", response=shapes.IndividualAnswer, operation_id="serviceIndividualUpdate")
def update_individual(request: HttpRequest, individualId: WhoInPath, body: shapes.IndividualBody) -> NoReturn:
    raise NotHere("What people are called is kept by their register.", "Ask the register for a correction")


# Agreements and policies, for those who use data


@router.get(
    "data-agreement/{dataAgreementId}/",
    response=shapes.AgreementAnswer,
    operation_id="serviceDataAgreementRead",
)
def read_agreement_to_use(request: HttpRequest, dataAgreementId: AgreementId) -> shapes.AgreementAnswer:
    return read_agreement(request, dataAgreementId)


@router.get("policy/{policyId}/", response=shapes.PolicyAnswer, operation_id="servicePolicyRead")
def read_policy_to_use(request: HttpRequest, policyId: PolicyId, revisionId: Hash = "") -> shapes.PolicyAnswer:
    return read_policy(request, policyId, revisionId)


@router.get(
    "verification/data-agreements/",
    response=shapes.AgreementsAnswer,
    operation_id="serviceVerificationDataAgreementList",
)
def list_agreements_to_verify(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.AgreementsAnswer:
    return shapes.AgreementsAnswer(dataAgreements=some_agreements(offset, limit))
