"""GovStack's Consent API: for machines, each about its own agency's consents. Malformed ids are told from refusals."""

from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, Row

ANY = frozenset({"tax machine", "survey machine", "operator machine"})
RELYING = frozenset({"survey machine"})  # of an agency that relies on consents
READ = Row(ANY, posts=NOBODY)
ROWS: dict[str, Row] = {
    "api/consent/openapi.json": Row(EVERYONE),
    "api/consent/": Row(NOBODY),
} | {
    f"api/consent/{path}": row
    for path, row in {
        "config/policy/<policyId>/": READ,
        "config/policy/<policyId>/revisions/": READ,
        "config/policies/": READ,
        "config/data-agreement/<dataAgreementId>/": READ,
        "config/data-agreements/": READ,
        "config/webhook/<webhookId>/": READ,
        "config/webhooks/": READ,
        "config/policy/": Row(NOBODY, posts=ANY),
        "config/data-agreement/": Row(NOBODY, posts=ANY),
        "config/webhook/": Row(NOBODY, posts=ANY),
        "config/individual/": Row(NOBODY, posts=ANY),
        "config/individual/<individualId>/": READ,
        "config/individuals/": Row(RELYING, posts=NOBODY),
        "service/verification/consent-records/": Row(RELYING, posts=NOBODY),
        "service/verification/consent-record/<consentRecordId>/": READ,
        "service/individual/record/data-agreement/<dataAgreementId>/": Row(ANY),
        "service/individual/record/data-agreement/<dataAgreementId>/all/": READ,
        "service/individual/record/consent-record/draft/": Row(NOBODY, posts=ANY),
        "service/individual/record/consent-record/": Row(ANY),
        "service/individual/record/consent-record/<consentRecordId>/": Row(NOBODY),
        "service/individual/record/consent-record/<consentRecordId>/signature/": Row(NOBODY, posts=ANY),
        "service/individual/record/": Row(NOBODY),
        "service/individual/": Row(NOBODY, posts=ANY),
        "service/individual/<individualId>/": READ,
        "service/individuals/": Row(RELYING, posts=NOBODY),
        "service/data-agreement/<dataAgreementId>/": READ,
        "service/policy/<policyId>/": READ,
        "service/verification/data-agreements/": READ,
        "audit/consent-records/": Row(NOBODY),
        "audit/consent-record/<consentRecordId>/": READ,
        "audit/data-agreements/": READ,
        "audit/data-agreement/<dataAgreementId>/": READ,
    }.items()
}
