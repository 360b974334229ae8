"""Credential authority and trustees: processes of their own, each with its own folder and keys, never the node's."""
