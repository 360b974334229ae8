"""The enquiry assistant: residents ask in their own words and get a quotation of current official guidance with its
source, a question back, or a plain "I cannot answer that" with the right office and a person to talk to.

`guidance.py` keeps every version of every page, `search.py` finds in the current ones, `answering.py` decides what is
said, `conversations.py` keeps who said what and who has the word, `circumstances.py` puts the questions of a decision
flow. `engine` is the science, a library without Django. See docs/assistant.md.
"""
