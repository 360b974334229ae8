"""What was asked in a week and what no page answered, for those who own the pages."""
