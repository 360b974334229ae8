"""The science of answering from official pages: reading, indexing, finding, deciding, quoting and checking.

Pure functions over plain data and one index in SQLite. Nothing here knows Django, the node or a language model; every
answer is a verbatim span of a stored version of a page.
"""
