"""Commonweal: public services that can prove themselves."""

__version__ = "0.1.0"
