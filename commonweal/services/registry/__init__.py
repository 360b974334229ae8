"""The population register: who lives here, where, with whom, since when.

For residents, who see their entry and ask for corrections; for registrars, who keep it right; for other agencies,
which see only what their purpose needs. The model for every other room. Its API is plain HTTP and JSON with RFC 9457
errors; the vocabulary follows the EU Core Person Vocabulary 2.1.
"""
