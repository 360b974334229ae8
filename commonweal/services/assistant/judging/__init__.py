"""How good the answers are: officers judge and keep test questions, the operator chooses how sure is sure enough."""
