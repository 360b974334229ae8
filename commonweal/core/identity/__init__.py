"""Who acts and who is acted upon: people, accounts, agencies, roles, service accounts, sign-in.

A person exists with or without an account. Attributes of people belong to the register, not here.
Standards: WebAuthn Level 3 (passkeys), RFC 6238 (time-based codes), NIST SP 800-63-4.
"""
