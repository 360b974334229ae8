"""Django's SQLite backend with a fair queue in front of the file's single writer (see base.py)."""
