"""Administration of the exchange: what an operator, or a machine of theirs, sees and sets. Offers stay files."""
