"""What the node is made of, and which of it is known to be vulnerable. Works offline, on files the operator brings.

CycloneDX 1.6 (ECMA-424); OSV schema 1.6; CISA's catalogue of known exploited vulnerabilities.
"""
