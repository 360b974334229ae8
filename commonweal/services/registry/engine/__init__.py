"""The register's science: reading outside files and simulating a population. Pure functions over plain data."""
