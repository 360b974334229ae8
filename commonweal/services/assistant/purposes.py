"""Why the assistant uses data, what may be done with it, and who does it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import declare, purpose, reference

OFFICE = _("the town’s enquiry office")
ENQUIRIES, EDITOR = "enquiry-officer", "guidance-editor"  # the roles of those who work here
ANSWERING = purpose(
    "assistant.answering",
    _("To answer your questions"),
    "public_task",
    "dpv:ServiceProvision",
    data=("assistant/talk",),
    kept=_("90 days after the last message"),
)
CIRCUMSTANCES = purpose(
    "assistant.circumstances",
    _("To answer questions about your circumstances with what the population register knows"),
    "consent",
    "dpv:ServicePersonalisation",
    data=("registry/age", "registry/household-size", "registry/registered"),
    kept=_("until you leave the questions, at most 90 days after the last message"),
)
ASK = declare("assistant.ask", _("Asked the assistant a question"), changes=True, ask=OFFICE)
READ = declare("assistant.talk.read", _("Looked at a conversation with the assistant"), changes=False, ask=OFFICE)
HAND_OVER = declare("assistant.talk.hand-over", _("Asked to talk to a person"), changes=True, ask=OFFICE)
TAKE = declare("assistant.talk.take", _("Began to talk with you"), changes=True, ask=OFFICE)
ANSWER = declare("assistant.talk.answer", _("Answered you in a conversation"), changes=True, ask=OFFICE)
PASS_ON = declare("assistant.talk.pass-on", _("Passed your conversation on"), changes=True, ask=OFFICE)
GIVE_BACK = declare("assistant.talk.give-back", _("Gave your conversation back"), changes=True, ask=OFFICE)
TRANSCRIPT = declare("assistant.talk.transcript", _("Asked for a copy of your conversation"), changes=True, ask=OFFICE)
CLOSE = declare("assistant.talk.close", _("Ended a conversation with you"), changes=True, ask=OFFICE)
DISCLOSE = declare(
    "assistant.question.disclose",
    _("Sent your question, with personal details masked, to another provider’s language model"),
    changes=False,
    ask=OFFICE,
)
SUGGEST = declare("assistant.talk.suggest", _("Suggested another office to you"), changes=True, ask=OFFICE)
SEND = declare("assistant.talk.send", _("Agreed that a conversation goes to another office"), changes=False, ask=OFFICE)
RECEIVE = declare(
    "assistant.talk.receive", _("Took over a conversation that you sent from another office"), changes=True, ask=OFFICE
)
PUBLISH = declare("assistant.guidance.publish", _("Published guidance"), changes=True, ask=OFFICE)
REPORT = declare("assistant.report.send", _("Sent you the weekly report on guidance"), changes=True, ask=OFFICE)
WITHDRAW = declare("assistant.guidance.withdraw", _("Withdrew guidance"), changes=True, ask=OFFICE)
JUDGE = declare("assistant.answer.judge", _("Said whether an answer was right"), changes=True, ask=OFFICE)
TUNE = declare("assistant.tune", _("Chose how sure the assistant must be"), changes=True, ask=OFFICE)
reference("assistant/talk", _("a conversation with the assistant"))
reference("assistant/question", _("your last question, with personal details masked"))
reference("assistant/guidance", _("a page of guidance"))
reference("assistant/known", _("what the population register answered for you"))
reference("assistant/flow", _("a list of questions"))
reference("assistant/answer", _("an answer of the assistant"))
reference("assistant/test-question", _("a test question"))
reference("assistant/threshold", _("how sure the assistant must be"))
