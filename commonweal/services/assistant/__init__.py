"""The enquiry assistant: residents ask in their own words and get a quotation of current official guidance with its
source, a question back, or a plain "I cannot answer that" with the right office. `engine` finds, decides, quotes and
checks as a library without Django.
"""
