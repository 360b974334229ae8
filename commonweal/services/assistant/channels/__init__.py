"""Other ways in than the web: each turns what arrives into calls of `service.py`, and the reply into its own form."""
